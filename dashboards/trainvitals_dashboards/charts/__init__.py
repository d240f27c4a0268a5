"""The charts: one file each, found by folder (`chart_folder`)."""
