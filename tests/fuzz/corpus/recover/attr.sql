UPDATE ops SET path='usr/out' WHERE n=4;
UPDATE dirs SET path='usr/out';
-- undo redo forget
