UPDATE ops SET old_caps=zeroblob(200), new_size=-1; UPDATE areas SET id='x';
