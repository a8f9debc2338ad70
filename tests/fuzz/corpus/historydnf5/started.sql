UPDATE trans SET state_id=1, dt_end=NULL WHERE id=2; UPDATE trans_item SET state_id=3;
