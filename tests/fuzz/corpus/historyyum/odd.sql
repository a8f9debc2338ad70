UPDATE trans_data_pkgs SET state='Explode' WHERE tid=2;
