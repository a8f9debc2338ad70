CREATE TABLE t(a CHECK (length(hex(zeroblob(1000))) > 1), b DEFAULT (random())); INSERT INTO t VALUES(1, 2);
DROP TABLE repo; CREATE TABLE repo(id INTEGER PRIMARY KEY CHECK (id > 1), repoid TEXT) STRICT; INSERT INTO repo VALUES(2, 'x');
