UPDATE trans_item SET action=12 WHERE id=1;
