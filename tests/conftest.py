"""What every test may ask for; each fixture is a real part, started once and handed out clean."""

pytest_plugins = [
    "tests.fixtures.folder",  # first, for others import it: pytest takes only what it has rewritten itself
    "tests.fixtures.broker",
    "tests.fixtures.node",
    "tests.fixtures.graphql",
    "tests.fixtures.hooks",
    "tests.fixtures.postgres",
    "tests.fixtures.serving",
    "tests.fixtures.settings",
    "tests.fixtures.suites",
    "tests.fixtures.watching",
]
