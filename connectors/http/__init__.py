"""HTTP: calls to any server that speaks it."""

from zipped.catalog import App

APP = App(
    key="http",
    title="HTTP",
    description="Call any web service: send a request, use its answer.",
    icon="globe",
)
