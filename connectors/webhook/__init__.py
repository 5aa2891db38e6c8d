"""Webhooks: whatever can send an HTTP request can start a zip."""

from zipped.catalog import App

APP = App(
    key="webhook",
    title="Webhook",
    description="Start a zip whenever another system calls its address.",
    icon="webhook",
)
