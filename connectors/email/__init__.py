"""E-mail over any SMTP server."""

from zipped.catalog import App

APP = App(
    key="email",
    title="E-mail",
    description="Send e-mail through your own mail server.",
    icon="mail",
)
