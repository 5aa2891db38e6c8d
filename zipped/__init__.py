"""What the processes share: the pure engine, the tables, the use cases and the ways to the outside."""

__version__ = "0.1.0"
