UPDATE areas SET path='usr/out';
-- undo redo forget
