"""The worker: claims runs and performs their steps."""
