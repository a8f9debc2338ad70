UPDATE pkgtups SET epoch='x', version=NULL, name=x'00ff'; UPDATE trans_beg SET timestamp='a', loginuid=-1; INSERT INTO trans_end SELECT tid+100, 1, '', 'x' FROM trans_beg;
