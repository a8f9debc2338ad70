UPDATE ops SET path='usr/out/new' WHERE n=1;
UPDATE ops SET path='usr/out/file', path2='usr/out/moved' WHERE n=3;
-- undo redo forget
