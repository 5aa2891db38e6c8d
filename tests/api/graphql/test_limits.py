"""Hostile documents: each is refused for its one reason, in linear time, before anything runs."""

import time

import pytest
from graphql import get_introspection_query

from api.graphql.documents import Documents, Refused
from api.graphql.schema import Schema
from tests.fixtures.graphql import Api

LONGEST = 0.5  # seconds; measured 1 to 60 ms, the rest is room for a busy machine


def refusals(schema: Schema, document: str) -> list[str]:
    started = time.process_time()
    with pytest.raises(Refused) as caught:
        schema.documents.check(document)
    assert time.process_time() - started < LONGEST
    return [error.message for error in caught.value.errors]


def exponential(levels: int) -> str:
    """Each fragment spreads the next twice: 2 ** levels fields from some 30 bytes each."""
    links = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(levels))
    return f"{{ ...F0 }} {links} fragment F{levels} on Query {{ viewer {{ user {{ id }} }} }}"


def test_what_tools_send_to_introspect_passes(schema: Schema) -> None:
    query = get_introspection_query(input_value_deprecation=True, one_of=True)

    assert list(schema.documents.check(query).operations) == ["IntrospectionQuery"]


def test_exponential_fragments(schema: Schema) -> None:
    assert refusals(schema, exponential(20)) == [
        "The operation's number of fields is 3145728; the limit is 1000. Ask for less at once.",
        "The operation's cost is 2097152; the limit is 2000. Ask for less at once.",
    ]
    assert refusals(schema, exponential(150)) == [
        "The operation's number of fields is beyond measure; the limit is 1000. Ask for less at once.",
        "The operation's cost is beyond measure; the limit is 2000. Ask for less at once.",
    ]


def test_aliases_in_fragments_count_each_time(schema: Schema) -> None:
    links = "".join(f"fragment F{n} on Query {{ a{n}: __typename ...F{n + 1} ...F{n + 1} }} " for n in range(5))

    assert refusals(schema, f"{{ ...F0 }} {links} fragment F5 on Query {{ __typename }}") == [
        "The operation's number of aliases is 31; the limit is 30. Ask for less at once."
    ]


def test_each_limit_by_itself(schema: Schema, subtests: pytest.Subtests) -> None:
    text = "The operation's {} is {}; the limit is {}. Ask for less at once."
    cases = [
        ("{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}", text.format("number of aliases", 31, 30)),
        ("{" + "__typename " * 1001 + "}", text.format("number of fields", 1001, 1000)),
        (
            "query Q(" + " ".join(f"$a{n}: Int" for n in range(51)) + ") { __typename }",
            text.format("number of variables", 51, 50),
        ),
        (
            "{" + " ".join(["viewer { user { id } }"] * 32) + "}",
            text.format("number of fields that meet", 3 * 496, 1000),
        ),
        ("{ __typename" + " @include(if: true)" * 51 + "}", text.format("number of directives", 51, 50)),
        ("{" + "viewer {" * 10 + "x" + "}" * 11, text.format("depth", 11, 10)),
        (
            "{ viewer { workspaces { apiTokens(first: 100) { nodes { id } edges { node { id } } } } } }",
            text.format("cost", 3012, 2000),
        ),
        (
            "query Q($n: Int!)"
            "{ viewer { workspaces { apiTokens(first: $n) { nodes { id } edges { node { id } } } } } }",
            text.format("cost", 3012, 2000),
        ),
        (
            " ".join(f"query Q{n} {{ __typename }}" for n in range(11)),
            "The document has 11 operations; the limit is 10.",
        ),
        ("{" + "__typename " * 2001 + "}", "Syntax Error: Document contains more than 2000 tokens. Parsing aborted."),
        (
            '{ node(id: "' + "a" * 100_000 + '") { id } }',
            "Syntax Error: Source contains more than 100000 code points. Parsing aborted.",
        ),
        ("#\n" * 501 + "{ __typename }", "Syntax Error: Document contains more than 500 comments. Parsing aborted."),
        ("{" + "viewer {" * 300 + "}" * 301, "Syntax Error: Document is nested too deeply. Parsing aborted."),
        ("{ viewer {" * 50_000, "Syntax Error: Source contains more than 100000 code points. Parsing aborted."),
        ("{ node(id: " + "[" * 50_000, "Syntax Error: Document is nested too deeply. Parsing aborted."),
        ("{ ...A } fragment A on Query { ...A }", "Cannot spread fragment 'A' within itself."),
        ("{ ...Nope }", "Unknown fragment 'Nope'."),
        ("# nothing but a comment", "Syntax Error: Unexpected <EOF>."),
    ]
    for document, message in cases:
        with subtests.test(document[:60]):
            assert refusals(schema, document) == [message]


def test_what_is_just_within_the_limits_passes(schema: Schema, subtests: pytest.Subtests) -> None:
    for document in (
        "{" + " ".join(f"a{n}: __typename" for n in range(30)) + "}",
        "{ viewer { workspaces { apiTokens(first: 90) { nodes { id } pageInfo { endCursor } } } } }",
    ):
        with subtests.test(document[:60]):
            assert schema.documents.check(document)


def test_what_is_kept_of_documents_is_bounded(schema: Schema) -> None:
    documents = Documents(schema._schema)

    def long(number: int) -> str:
        return f"query Q{number} {{ __typename }} #{'x' * 900}"

    for number in range(300):
        documents.check(long(number))

    assert documents.checked == 300
    assert 99_000 < documents._kept_length == sum(map(len, documents._kept)) <= 100_000
    documents.check(long(299))
    assert documents.checked == 300
    documents.check(long(0))
    assert documents.checked == 301


def test_introspection_many_times_over_is_refused(schema: Schema) -> None:
    again = " ".join(f"a{n}: types {{ fields {{ type {{ fields {{ name }} }} }} }}" for n in range(20))

    (message,) = refusals(schema, f"{{ __schema {{ {again} }} }}")

    assert message.startswith("The operation's cost of introspection is 884001; the limit is ")


def test_at_most_twenty_errors_are_listed(schema: Schema) -> None:
    messages = refusals(schema, "{" + " ".join(f"nope{n}" for n in range(900)) + "}")

    assert len(messages) == 21
    assert messages[-1] == "Too many validation errors, error limit reached. Validation aborted."


async def test_hostile_documents_over_http_are_400_and_leave_the_api_well(api: Api) -> None:
    for document in (exponential(26), "{" + "viewer {" * 12_000, "{" + "__typename " * 1990 + "}"):
        answer = await api.anonymous.post({"query": document}, headers={"accept": "application/graphql-response+json"})

        assert answer.status == 400
        assert list(answer.body) == ["errors"]
        assert "Traceback" not in str(answer.body)

    assert (await api.anonymous("{ __typename }")).data == {"__typename": "Query"}
