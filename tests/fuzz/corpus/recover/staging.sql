UPDATE transactions SET state=2;
-- undo redo forget
