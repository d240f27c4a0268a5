"""The networks that the demo trains."""
