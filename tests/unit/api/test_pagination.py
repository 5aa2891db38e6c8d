"""Cursors and pages."""

import base64
from uuid import UUID

import pytest

from api.graphql.pagination import Connection, connection, encode_cursor, page
from zipped.errors import ValidationFailed
from zipped.services.pages import Page

IDS = [UUID(int=number) for number in range(3, 0, -1)]
CURSOR = encode_cursor("zips", IDS[0])


def test_page_says_where_it_lies() -> None:
    request = page("zips", 3, None, None)

    shown: Connection[str] = connection(request, Page(IDS, has_next=True), str, key=lambda id: id)

    assert shown.nodes == [str(id) for id in IDS]
    assert [edge.cursor for edge in shown.edges] == [encode_cursor("zips", id) for id in IDS]
    assert (shown.page_info.has_next_page, shown.page_info.has_previous_page) == (True, False)
    assert (shown.page_info.start_cursor, shown.page_info.end_cursor) == (CURSOR, encode_cursor("zips", IDS[2]))


def test_cursor_comes_back_as_the_id_it_names() -> None:
    request = page("zips", 25, CURSOR, encode_cursor("zips", IDS[2]))

    assert (request.first, request.after, request.before) == (25, IDS[0], IDS[2])


def test_empty_page_has_no_cursors() -> None:
    shown: Connection[str] = connection(page("zips"), Page([], has_next=False), str, key=lambda id: id)

    assert (shown.nodes, shown.page_info.start_cursor, shown.page_info.end_cursor) == ([], None, None)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "nonsense",
        "💥",
        CURSOR + "=",
        CURSOR[:-1],
        CURSOR + "A",
        CURSOR.replace(CURSOR[3], "*"),
        "arrayconnection:1",
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b'[2,"zips","00000000-0000-0000-0000-000000000003"]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[1,"zips",5]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[1,["zips"],"00000000-0000-0000-0000-000000000003"]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[1,"zips","00000000000000000000000000000003"]').decode().rstrip("="),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
        "A" * 100_000,
    ],
)
def test_what_is_no_cursor_is_refused_by_the_argument_s_name(cursor: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        page("zips", 25, cursor)

    (problem,) = caught.value.problems
    assert (problem.path, problem.code, problem.message) == (("after",), "invalid_cursor", "after is no cursor.")


def test_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(ValidationFailed) as caught:
        page("runs", 25, None, CURSOR)

    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (("before",), "foreign_cursor")
    assert problem.message == "before is a cursor of another list or order (zips, not runs)."


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
def test_pages_have_one_to_a_hundred_rows(first: int) -> None:
    with pytest.raises(ValidationFailed, match=rf"^first is {first}; a page has 1 to 100 rows\.$"):
        page("zips", first)
