DROP TABLE trans_end; CREATE TABLE trans_end(tid, timestamp, rpmdb_version, return_code);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO trans_end SELECT 1, i, '', 0 FROM n;
INSERT INTO trans_data_pkgs SELECT 1, pkgtupid, 'TRUE', 'Erase' FROM pkgtups; INSERT INTO trans_data_pkgs SELECT 1, pkgtupid, 'TRUE', 'Reinstall' FROM pkgtups;
