"""One file a training; each holds `TRAINING` and is found by folder, in the order of the file names."""
