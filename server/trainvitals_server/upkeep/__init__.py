"""House-keeping: copies of the database, checks of what is in it, and what goes when its time is over."""
