"""One file a command; each has `register(application)` and is found by folder."""
