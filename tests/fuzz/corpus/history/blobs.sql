UPDATE rpm SET name=x'00ff', version=NULL, epoch='x';
UPDATE trans SET cmdline=x'ff', user_id=-1;
