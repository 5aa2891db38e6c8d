"""Starting a zip by hand."""

from zipped.catalog import App

APP = App(
    key="manual",
    title="By hand",
    description="Start a zip yourself, from the application or the API.",
    icon="mouse-pointer-click",
)
