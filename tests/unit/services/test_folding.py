"""Who leads in a batch: the first of each trigger, token and key, and everyone without a key."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from zipped.services.accept import Delivery, _Batch


def delivery(trigger: int, token: bytes, key: str | None) -> Delivery:
    return Delivery(
        trigger_id=UUID(int=trigger),
        token_hash=token,
        method="POST",
        query=b"",
        headers=b"[]",
        body=b"",
        body_sha256=b"",
        source_ip="",
        dedupe_key=key,
        dedupe_window=60,
    )


deliveries = st.lists(
    st.builds(
        delivery,
        st.integers(1, 2),
        st.sampled_from([b"old", b"new"]),
        st.none() | st.sampled_from(["a", "b"]),
    ),
    max_size=30,
)


@given(deliveries)
def test_everybody_leads_or_follows_the_first_of_its_name(given_deliveries: list[Delivery]) -> None:
    # when
    batch = _Batch(given_deliveries)

    # then
    followers = [index for following in batch._followers.values() for index in following]
    assert sorted(batch.leaders + followers) == list(range(len(given_deliveries)))
    named: dict[tuple[UUID, bytes, str], int] = {}
    for index, one in enumerate(given_deliveries):
        if one.dedupe_key is None:
            assert index in batch.leaders
            continue
        first = named.setdefault((one.trigger_id, one.token_hash, one.dedupe_key), index)
        assert (index in batch.leaders) == (first == index)
        assert first == index or index in batch._followers[first]
