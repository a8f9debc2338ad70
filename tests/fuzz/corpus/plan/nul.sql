INSERT INTO meta(key, value) VALUES('arg', x'2d6f00');
