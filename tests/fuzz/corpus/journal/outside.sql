UPDATE ops SET path='../outside' WHERE n=0;
