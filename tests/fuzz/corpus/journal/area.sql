UPDATE ops SET path='.putback/area' WHERE n=1;
