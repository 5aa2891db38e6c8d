"""The mutations, one a file and named as the file: adding one touches no list."""
