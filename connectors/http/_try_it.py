"""Trying a connection that is spoken over HTTP: a GET of the address its owner named."""

from typing import Any

from zipped.catalog import ConnectionTest, OpenConnection, Outside
from zipped.http import OutsideError

TIMEOUT = 10.0  # seconds


def address_field(order: int) -> dict[str, Any]:
    """The field `testUrl` of a connection's form, at this place in it."""
    return {
        "type": "string",
        "title": "Test address",
        "description": "A GET of this address shows whether the connection works.",
        "maxLength": 8192,
        "x-zipped": {"order": order, "advanced": True, "placeholder": "https://api.example.com/me"},
    }


async def try_http(http: Outside, connection: OpenConnection) -> ConnectionTest:
    """Whether the test address answers with 2xx. Without one nothing is sent, and that is said."""
    url = connection.text("testUrl")
    if not url:
        return ConnectionTest(ok=True, message="Saved. Name a test address to see whether the other side accepts it.")
    try:
        answer = await http.request("GET", url, timeout=TIMEOUT, connection=connection)
    except OutsideError as error:
        return ConnectionTest(ok=False, message=error.message)
    told = f"{answer.status} {answer.reason}".strip()
    if 200 <= answer.status < 300:
        return ConnectionTest(ok=True, message=f"It works: the server answered {told}.")
    if answer.status in (401, 403):
        return ConnectionTest(ok=False, message=f"The server refused the credentials: {told}.")
    return ConnectionTest(ok=False, message=f"The server answered {told}.")
