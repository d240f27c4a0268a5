"""What a look at a batch tells, one noun a file, found by folder: a module with `describe(batch) -> told`."""
