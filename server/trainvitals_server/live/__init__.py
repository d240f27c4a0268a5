"""The live channel: what is stored reaches the viewers who asked for it."""
