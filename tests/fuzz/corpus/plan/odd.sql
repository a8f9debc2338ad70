UPDATE meta SET value=CAST('zz' AS BLOB) WHERE key='digest';
