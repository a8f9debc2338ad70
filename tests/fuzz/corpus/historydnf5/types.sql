UPDATE rpm SET epoch='x', version=NULL, release=x'00', arch_id=9; UPDATE trans SET user_id='a', dt_begin=9223372036854775807;
