"""`make bench`: how fast the real processes are, beside what bare clients reach on the same servers."""
