"""Shaping data between steps."""

from zipped.catalog import App

APP = App(
    key="data",
    title="Data",
    description="Shape what earlier steps found for the steps that follow.",
    icon="braces",
)
