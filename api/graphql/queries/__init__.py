"""The query fields, one noun a file: each module-level field becomes a field of Query."""
