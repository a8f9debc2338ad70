INSERT INTO meta(key, value) VALUES('arg', CAST('--config=keep' AS BLOB)), ('arg', CAST('--' AS BLOB)), ('arg', CAST('bash-5-1' AS BLOB));
