CREATE TABLE x(a CHECK (length(hex(zeroblob(1000))) > 1)); INSERT INTO x VALUES(1);
