"""The families of statistics, one file each, found by folder: a module with `measure(seen) -> columns`."""
