"""The rules of a run as values: no I/O, no clock, no framework; only the standard library."""
