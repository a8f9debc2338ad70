ALTER TABLE trans ADD COLUMN x AS (hex(zeroblob(1000)));
