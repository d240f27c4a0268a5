"""The checks of one run, one a file: `check(connection, run, looked_at)` yields problems in words."""
