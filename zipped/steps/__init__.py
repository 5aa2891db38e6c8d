"""Performing one step, whoever asks for it: a worker for its run, the api for an author who tries it."""
