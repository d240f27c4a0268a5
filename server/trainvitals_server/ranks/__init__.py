"""Merges what the processes of one training tell of their shares into the series of the run."""
