"""GraphQL over HTTP: what is answered to what, to the letter, and that nothing odd is ever a 500."""

import asyncio
import time
from collections.abc import AsyncIterator
from io import BytesIO
from itertools import product

import orjson
import pytest
from yarl import URL

from api.graphql import documents
from api.graphql.schema import Schema
from tests.fixtures.graphql import Api, StartApi
from tests.fixtures.waiting import until

JSON = {"content-type": "application/json"}
RESPONSE = "application/graphql-response+json"
TYPENAME = {"query": "{ __typename }"}


def error(message: str, code: str = "BAD_REQUEST") -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


MEDIA = [
    (None, "application/json"),
    ("*/*", "application/json"),
    ("application/*", "application/json"),
    ("application/json", "application/json"),
    (RESPONSE, RESPONSE),
    (f"application/json, {RESPONSE}", RESPONSE),
    (f"{RESPONSE};q=0.5, application/json;q=0.9", "application/json"),
    # What urql sends with every query.
    (
        "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, "
        "multipart/mixed",
        RESPONSE,
    ),
]


async def test_answers_in_the_media_type_asked_for(api: Api, subtests: pytest.Subtests) -> None:
    for accept, content_type in MEDIA:
        with subtests.test(accept):
            answer = await api.anonymous.send(
                "POST", json=TYPENAME, headers={"accept": accept} if accept else {}, skip_auto_headers=["accept"]
            )

            assert (answer.status, answer.body) == (200, {"data": {"__typename": "Query"}})
            assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_refuses_what_it_cannot_answer_in(api: Api, subtests: pytest.Subtests) -> None:
    for accept in ("text/html", "text/event-stream", "application/json;q=0"):
        with subtests.test(accept):
            answer = await api.anonymous.send("POST", json=TYPENAME, headers={"accept": accept})

            assert answer.status == 406
            assert answer.body == error(f"Accept must allow {RESPONSE} or application/json.")


async def test_other_methods_are_405_and_name_those_allowed(api: Api, subtests: pytest.Subtests) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        with subtests.test(method):
            answer = await api.anonymous.send(method, json=TYPENAME)

            assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
            assert answer.body == error("GraphQL takes POST, and GET for queries.")


async def test_mutation_by_get_is_405_and_does_nothing(api: Api) -> None:
    person = await api.person()
    query = f'mutation {{ signOut(input: {{refreshToken: "{person.refresh_token}"}}) {{ __typename }} }}'

    answer = await api.anonymous.send("GET", params={"query": query})

    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert answer.body == error("A mutation goes by POST.")
    assert (await person("{ viewer { user { id } } }")).data["viewer"] == {"user": {"id": person.user_id}}


async def test_only_exact_json_is_taken(api: Api, subtests: pytest.Subtests) -> None:
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "",
    ):
        with subtests.test(content_type):
            answer = await api.anonymous.send(
                "POST", data=orjson.dumps(TYPENAME), headers={"content-type": content_type}
            )

            assert (answer.status, answer.headers["accept-post"]) == (415, "application/json")
            assert answer.body == error("The content type must be application/json, in UTF-8.")


async def test_compressed_bodies_are_refused(api: Api) -> None:
    answer = await api.anonymous.send("POST", data=b"x", headers={**JSON, "content-encoding": "gzip"})

    assert (answer.status, answer.body) == (415, error("The body must not be compressed."))


NO_REQUEST: list[tuple[bytes, str | None]] = [
    (b"", 'The body is empty. It takes {"query": "…", "variables": {…}}.'),
    (b"null", 'The request is not an object. It takes {"query": "…", "variables": {…}}.'),
    (b"1", 'The request is not an object. It takes {"query": "…", "variables": {…}}.'),
    (b'"x"', 'The request is not an object. It takes {"query": "…", "variables": {…}}.'),
    (
        b'[{"query": "{ __typename }"}]',
        'The request is a list: send one operation at a time. It takes {"query": "…", "variables": {…}}.',
    ),
    (b"{}", "The parameter query is missing or not a text: put the GraphQL document there."),
    (b'{"query": ""}', "The parameter query is missing or not a text: put the GraphQL document there."),
    (b'{"query": 5}', "The parameter query is missing or not a text: put the GraphQL document there."),
    (
        b'{"query": "{__typename}", "variables": []}',
        "The parameter variables is not an object: it takes each variable's value by its name.",
    ),
    (
        b'{"query": "{__typename}", "operationName": 1}',
        "The parameter operationName is not a text: name an operation of the document, or leave it.",
    ),
    (b'{"query": "{__typename}", "extensions": 1}', "The parameter extensions is not an object."),
    (
        b'{"query": "{__typename}", "variables": {"a": ["b", "c\\u0000d"]}}',
        "variables.a.1 holds a NUL character (U+0000): remove it.",
    ),
    (
        b'{"query": "{__typename}", "variables": {"a\\u0000": 1}}',
        "A name in variables holds a NUL character (U+0000): remove it.",
    ),
    (
        b'{"query": "{__typename}", "variables": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}",
        "variables is nested more than 100 deep: make it flatter.",
    ),
    (
        b'{"query": "{__typename}", "variables": {"a": NaN}}',
        "That is not JSON: unexpected character, expected a JSON value: line 1 column 46 (char 45).",
    ),
    (
        b'{"query": "{__typename}", "variables": {"a": 1e999}}',
        "That is not JSON: number is infinity when parsed as double: line 1 column 46 (char 45).",
    ),
    (b'{"query": "\xff"}', None),
    (b'{"query": "\\ud800"}', None),
    (b"[" * 100_000, None),
    (b'{"query": "{__typename}", "variables": {"a": ' + b"1" * 5000 + b"}}", None),
    (b'\xff\xfe{\x00"\x00', None),
]


async def test_bodies_that_are_no_request_are_400_with_the_fix(api: Api, subtests: pytest.Subtests) -> None:
    for (body, message), accept in product(NO_REQUEST, ("application/json", RESPONSE)):
        with subtests.test(f"{body[:50]!r} {accept}"):
            answer = await api.anonymous.send("POST", data=body, headers={**JSON, "accept": accept})

            assert answer.status == 400
            if message is None:
                assert list(answer.body) == ["errors"]
                assert answer.errors[0]["message"].startswith("That is not JSON: ")
            else:
                assert answer.body == error(message)


async def test_a_million_keys_stay_under_the_limit_of_the_body(api: Api) -> None:
    body = b'{"query": "{__typename}", "variables": {' + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}}"

    answer = await api.anonymous.send("POST", data=BytesIO(body), headers=JSON)

    assert (answer.status, answer.body) == (413, error("The request is larger than 256 KiB."))


async def test_body_limit_holds_without_a_declared_length(api: Api) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1024

    answer = await api.anonymous.send("POST", data=drip(), headers=JSON)

    assert (answer.status, answer.body) == (413, error("The request is larger than 256 KiB."))


async def test_get_serves_queries_with_variables(api: Api) -> None:
    query = "query Q($name: String!) { __type(name: $name) { name } }"

    answer = await api.anonymous.send("GET", params={"query": query, "variables": '{"name": "Viewer"}'})

    assert (answer.status, answer.body) == (200, {"data": {"__type": {"name": "Viewer"}}})


NO_QUERY_STRING = [
    ("", 400),
    ("query=%7B__typename%7D&variables=%5B1%5D", 400),
    ("query=%7B__typename%7D&variables=nope", 400),
    ("query=%FF", 400),
    ("query=" + "a" * 33_000, 414),
    ("&".join(f"a{n}=1" for n in range(100)), 400),
]


async def test_query_strings_that_are_no_request(api: Api, subtests: pytest.Subtests) -> None:
    for query_string, status in NO_QUERY_STRING:
        with subtests.test(query_string[:50]):
            async with api.http.get(URL(f"{api.base}/graphql?{query_string}", encoded=True)) as response:
                body = await response.json()

            assert response.status == status
            assert list(body) == ["errors"]


async def test_subscriptions_go_over_a_socket(api: Api) -> None:
    answer = await api.anonymous('subscription { runUpdates(runId: "x") { __typename } }')

    assert answer.status in (200, 400)
    assert list(answer.body) == ["errors"]


NO_DOCUMENT = [
    ("{", "Syntax Error: Expected Name, found <EOF>."),
    ("{ xyzzy }", "Cannot query field 'xyzzy' on type 'Query'."),
    ("fragment F on Query { __typename }", "Fragment 'F' is never used."),
    (
        "query A { __typename } query B { __typename }",
        "The document has several operations: say which one in operationName.",
    ),
    ('{ node(id: "a\\u0000b") { id } }', "A text in the document holds a NUL character (U+0000): remove it."),
]


async def test_documents_that_are_none(api: Api, subtests: pytest.Subtests) -> None:
    for query, message in NO_DOCUMENT:
        with subtests.test(query):
            old = await api.anonymous.post({"query": query}, headers={"accept": "application/json"})
            new = await api.anonymous.post({"query": query}, headers={"accept": RESPONSE})

            assert (old.status, new.status) == (200, 400)
            assert old.body == new.body
            assert list(new.body) == ["errors"]
            assert new.errors[0]["message"] == message
            assert new.errors[0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_variables_of_the_wrong_type_are_request_errors(api: Api) -> None:
    body = {"query": "query Q($id: ID!) { node(id: $id) { id } }", "variables": {"id": None}}

    answer = await api.anonymous.post(body, headers={"accept": RESPONSE})

    assert answer.status == 400
    assert list(answer.body) == ["errors"]


async def test_unknown_operation_name(api: Api) -> None:
    answer = await api.anonymous.post({**TYPENAME, "operationName": "Nope"}, headers={"accept": RESPONSE})

    assert answer.status == 400
    assert answer.errors[0]["message"] == "The document has no operation named “Nope”."


async def test_documents_are_checked_once(api: Api) -> None:
    await api.anonymous("{ viewer { user { id } } }")
    checked = api.schema.documents.checked

    await api.anonymous("{ viewer { user { id } } }")

    assert api.schema.documents.checked == checked


def test_bad_documents_push_out_no_good_ones(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    good = "{ viewer { user { id } } }"
    monkeypatch.setattr(documents, "KEPT", len(good))  # room for one
    memory = documents.Documents(schema._schema)
    memory.check(good)

    for number in range(3):
        with pytest.raises(documents.Refused):
            memory.check(f"{{ nope{number} }}")
    memory.check(good)

    assert memory.checked == 4


async def test_failure_of_ours_is_masked_and_has_an_id(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def explode(*arguments: object) -> None:
        raise RuntimeError("the secret is xyzzy")

    person = await api.person()
    monkeypatch.setattr("zipped.services.accounts.find", explode)

    answer = await person("{ viewer { user { id } } }")

    assert answer.status == 200
    assert answer.body["data"] == {"viewer": None}
    (masked,) = answer.errors
    reference = masked["extensions"]["reference"]
    assert masked["message"] == f"Something went wrong on our side. The log has it under {reference}."
    assert masked["extensions"] == {"code": "INTERNAL", "reference": reference}
    assert masked["path"] == ["viewer"]


async def test_execution_has_an_end(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*arguments: object) -> None:
        await asyncio.Event().wait()

    person = await api.person()
    monkeypatch.setattr("zipped.services.accounts.find", hang)
    monkeypatch.setattr("api.graphql.http.EXECUTION_TIMEOUT", 0.05)
    started = time.monotonic()

    answer = await person("{ viewer { user { id } } }")

    assert answer.status == 200
    assert answer.body["data"] is None
    assert answer.errors[0]["extensions"] == {"code": "TIMEOUT"}
    assert time.monotonic() - started < 5


async def test_bodies_under_way_hold_so_much_together(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: one that is still sending
    monkeypatch.setattr("api.graphql.http.MAX_HELD", 200_000)
    api = await start_api(signup="open")
    port = int(api.base.rpartition(":")[2])
    start = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n"
        b'{"query": "{ viewer { id } }", "variables": {"a": "' + b"a" * 120_000
    )
    _, first = await asyncio.open_connection("127.0.0.1", port)
    first.write(start)
    await first.drain()

    # when: a second one begins, again and again until the first one's part is there
    async def status() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(start)
        try:
            async with asyncio.timeout(0.5):
                return await reader.readline()
        except TimeoutError:
            return b""
        finally:
            writer.close()

    # then: it is told to come back, and what comes whole is answered
    assert await until(status) == b"HTTP/1.1 503 Service Unavailable\r\n"
    assert (await api.anonymous("{ __typename }")).data == {"__typename": "Query"}
    first.close()
