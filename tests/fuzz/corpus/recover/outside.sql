UPDATE ops SET path='usr/out/file' WHERE n=0;
-- undo redo forget
