UPDATE trans SET cmdline='putback apply', comment='putback 1' WHERE id=2;
