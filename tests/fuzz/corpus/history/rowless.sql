DROP TABLE rpm; CREATE TABLE rpm(name TEXT PRIMARY KEY, item_id, epoch, version, release, arch) WITHOUT ROWID; INSERT INTO rpm VALUES('plain', 1, 0, '1', '1', 'noarch');
