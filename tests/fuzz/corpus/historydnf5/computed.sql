ALTER TABLE arch RENAME COLUMN name TO n; ALTER TABLE arch ADD COLUMN name AS (n || n); CREATE UNIQUE INDEX i ON trans(abs(id));
