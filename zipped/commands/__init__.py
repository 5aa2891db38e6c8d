"""The commands of `zipped` that work on a running or a stopped instance: one file each, called by zipped.cli."""
