UPDATE transactions SET state=2;
