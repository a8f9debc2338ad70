INSERT INTO rpmdb VALUES(1, 'usr/out', zeroblob(32), zeroblob(32));
-- undo redo forget
