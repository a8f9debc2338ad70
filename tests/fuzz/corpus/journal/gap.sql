UPDATE ops SET n=7 WHERE n=4; UPDATE dirs SET area=9;
