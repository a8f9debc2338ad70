CREATE INDEX i ON rpm(upper(name)); CREATE INDEX k ON rpm(name) WHERE name > 'a';
