UPDATE transactions SET state=6;
-- undo redo forget
