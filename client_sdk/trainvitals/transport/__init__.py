"""How reports leave the process: over HTTP, or into memory for tests."""
