UPDATE areas SET path='usr/out';
