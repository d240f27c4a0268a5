"""The `trainvitals` command line, the one place that wires everything together."""
