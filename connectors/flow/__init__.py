"""Steering a run: going on, waiting, stopping."""

from zipped.catalog import App

APP = App(
    key="flow",
    title="Flow",
    description="Decide whether and when a run goes on.",
    icon="git-branch",
)
