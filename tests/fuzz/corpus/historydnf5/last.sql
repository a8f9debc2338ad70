INSERT INTO trans(id, state_id) VALUES(9223372036854775807, 2); DELETE FROM repo; DELETE FROM trans_item_reason;
