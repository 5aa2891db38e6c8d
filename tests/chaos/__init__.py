"""The promise under attack: everything is killed under load, then the sender's list is compared with the history."""
