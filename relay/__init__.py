"""The relay: moves what is due from PostgreSQL to the broker, wakes what waits, and takes runs from dead workers."""
