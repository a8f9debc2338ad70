UPDATE transactions SET state=6;
