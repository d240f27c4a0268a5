"""The database behind one door: `Store` writes, `StorageReader` reads."""
