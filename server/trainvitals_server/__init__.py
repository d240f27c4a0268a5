"""The server: ingest, storage, queries, live channel, diagnosis."""
