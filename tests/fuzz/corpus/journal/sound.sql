UPDATE transactions SET state=5 WHERE id=1;
