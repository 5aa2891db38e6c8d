"""The schema's types, one noun a file; found by walking this folder."""
