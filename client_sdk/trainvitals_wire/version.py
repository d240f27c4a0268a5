"""The version of the binary messages; a server refuses a report of a version it does not speak."""

WIRE_VERSION = 1
