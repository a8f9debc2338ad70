UPDATE transactions SET state=5 WHERE id=1;
INSERT INTO transactions VALUES(2, 5, 4, 100, 0, 0, 0, 0, 0, 0, 0, 'rpmdb', 'putback recover', '0.1');
INSERT INTO meta(key, value) VALUES('rpmdb-step 1', CAST('open 0 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' AS BLOB));
INSERT INTO meta(key, value) VALUES('rpmdb-step-of 2', CAST('1' AS BLOB));
