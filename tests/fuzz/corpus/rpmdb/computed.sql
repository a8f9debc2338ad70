ALTER TABLE Name ADD COLUMN x AS (hex(zeroblob(1000))); CREATE INDEX i ON Packages(hex(blob));
