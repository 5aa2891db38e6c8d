"""Every metric's name and meaning, in one place; each process exposes those it touches on /metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

events = Counter("zipped_events_total", "Requests at the door, by what was decided", ["outcome"], registry=REGISTRY)
accept_seconds = Histogram(
    "zipped_accept_seconds", "From a webhook's last byte to its answer", buckets=SECONDS, registry=REGISTRY
)
batch_rows = Histogram(
    "zipped_batch_rows",
    "Rows in one transaction",
    ["batch"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    registry=REGISTRY,
)
published = Counter(
    "zipped_outbox_published_total", "Outbox rows the broker acknowledged", ["topic"], registry=REGISTRY
)
outbox_age_seconds = Gauge(
    "zipped_outbox_oldest_seconds", "Age of the oldest row that is not published", registry=REGISTRY
)
claimed = Counter("zipped_runs_claimed_total", "Runs claimed, by how they were heard of", ["how"], registry=REGISTRY)
finished = Counter("zipped_runs_finished_total", "Runs finished, by status", ["status"], registry=REGISTRY)
fenced = Counter("zipped_writes_fenced_total", "Writes dropped because their run had moved on", registry=REGISTRY)
steps = Counter("zipped_steps_total", "Step attempts, by result", ["status"], registry=REGISTRY)
run_seconds = Histogram(
    "zipped_run_seconds", "From accepted to finished, for runs that did not wait", buckets=SECONDS, registry=REGISTRY
)
slots_busy = Gauge("zipped_worker_slots_busy", "Runs this worker has in hand", registry=REGISTRY)
workers_lost = Counter("zipped_workers_lost_total", "Workers declared dead", registry=REGISTRY)
woken = Counter("zipped_runs_woken_total", "Waiting runs that came due", registry=REGISTRY)
poison = Counter("zipped_poison_total", "Messages on our topics that were not ours", ["topic"], registry=REGISTRY)
subscriptions = Gauge("zipped_subscriptions", "Open GraphQL subscriptions", registry=REGISTRY)
broker_up = Gauge("zipped_broker_up", "1 while the broker answers", registry=REGISTRY)


def render() -> bytes:
    """The exposition of /metrics."""
    return generate_latest(REGISTRY)
