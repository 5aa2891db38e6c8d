"""Live updates of runs: one reading for all who watch, told apart by what each has been told already.

    tail        hears on Kafka which runs changed, and rings
    hub         reads what has changed, at most every 5 ms and for everybody together
    subscriber  one watcher: bounded, folds states in between, never loses the last one

Nothing is decided by a message. A ring makes the hub read sooner; without any it reads all that is watched once a
second, with more than a thousand topics less often as long as the tail is live.
"""
