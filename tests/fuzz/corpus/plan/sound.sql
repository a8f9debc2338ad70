INSERT INTO meta(key, value) VALUES('arg', CAST('--undo' AS BLOB)), ('arg', CAST('last' AS BLOB)), ('arg', CAST('--from=/srv' AS BLOB));
