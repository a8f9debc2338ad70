UPDATE trans_item_action SET name='Explode' WHERE id=2;
