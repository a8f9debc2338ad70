UPDATE trans SET state=2, dt_end=NULL;
UPDATE config SET value='1.1';
INSERT INTO trans_item VALUES(9, 1, 2, 7, 11, 9, 2);
