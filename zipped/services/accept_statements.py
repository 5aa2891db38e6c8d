"""The three statements of the group commit, on arrays: one round trip each for any number of deliveries.

A key that has expired is renewed where it stands (`do update … where`), instead of being deleted first: one lock in
one order. Lookups are lateral with a limit, so that no plan made on an empty table scans a large one later.
"""

from typing import Final

from sqlalchemy import text

from zipped.services.run_notices import doorbells

REASONS: Final = {
    "accepted": "",
    "draft": "The zip is a draft: publish it, and the next event makes a run.",
    "zip_off": "The zip is paused.",
    "duplicate": "An event with the same key came before.",
    "conflict": "An event with the same key and another body came before.",
}

_REASON = "case outcome " + " ".join(f"when '{outcome}' then '{words}'" for outcome, words in REASONS.items()) + " end"

ACCEPT: Final = text(
    f"""
    with given as (
        select * from unnest(
            cast(:trigger_id as uuid[]), cast(:token_hash as bytea[]), cast(:method as text[]),
            cast(:query as bytea[]), cast(:headers as bytea[]), cast(:body as bytea[]),
            cast(:body_sha256 as bytea[]), cast(:source_ip as text[]), cast(:dedupe_key as text[]),
            cast(:dedupe_window as int[]), cast(:depth as int[]), cast(:traceparent as text[])
        ) with ordinality as g(
            trigger_id, token_hash, method, query, headers, body, body_sha256, source_ip, dedupe_key,
            dedupe_window, depth, traceparent, n
        )
    ),
    standing as (
        select g.*, t.workspace_id, t.zip_id, t.version_id, t.outcome, uuidv7() as event_id,
               case when t.outcome = 'accepted' then uuidv7() end as run_id
        from given g
        cross join lateral (
            select t.workspace_id, t.zip_id, z.live_version_id as version_id,
                   case when z.state = 'live' and z.live_version_id is not null then 'accepted'
                        when z.state = 'paused' then 'zip_off'
                        else 'draft' end as outcome
            from trigger t join zip z on z.id = t.zip_id
            where t.id = g.trigger_id and t.token_hash = g.token_hash and t.kind = 'webhook'
              and z.deleted_at is null
            limit 1
        ) t
    ),
    taken as (
        insert into dedupe as d (trigger_id, key, workspace_id, event_id, run_id, body_sha256, expires_at)
        select trigger_id, dedupe_key, workspace_id, event_id, run_id, body_sha256,
               now() + make_interval(secs => dedupe_window)
        from standing where outcome = 'accepted' and dedupe_key is not null
        order by trigger_id, dedupe_key collate "C"
        on conflict (trigger_id, key) do update
        set event_id = excluded.event_id, run_id = excluded.run_id, body_sha256 = excluded.body_sha256,
            expires_at = excluded.expires_at
        where d.expires_at <= now()
        returning event_id
    ),
    decided as (
        select s.* from standing s
        where s.outcome <> 'accepted' or s.dedupe_key is null or s.event_id in (select event_id from taken)
    ),
    new_event as (
        insert into event (id, workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size,
                           body_sha256, source_ip, dedupe_key, run_id)
        select event_id, workspace_id, zip_id, trigger_id, outcome, {_REASON}, method, query, headers,
               octet_length(body), body_sha256, source_ip, dedupe_key, run_id
        from decided
    ),
    new_body as (
        insert into event_body (event_id, workspace_id, body) select event_id, workspace_id, body from decided
    ),
    new_run as (
        insert into zip_run (id, workspace_id, zip_id, version_id, event_id, root_run_id, depth, traceparent)
        select run_id, workspace_id, zip_id, version_id, event_id, run_id, depth, traceparent
        from decided where run_id is not null
    ),
    new_doorbell as ({doorbells("(select run_id as id from decided where run_id is not null) as begun")})
    select s.n, s.outcome, s.event_id, s.run_id, s.workspace_id, s.zip_id,
           s.event_id in (select event_id from decided) as decided
    from standing s
    """
)

WINNERS: Final = text(
    """
    select g.n, d.event_id, d.run_id, d.body_sha256
    from unnest(cast(:trigger_id as uuid[]), cast(:dedupe_key as text[])) with ordinality as g(trigger_id, key, n)
    cross join lateral (
        select event_id, run_id, body_sha256 from dedupe d
        where d.trigger_id = g.trigger_id and d.key = g.key limit 1
    ) d
    """
)

REPEATS: Final = text(
    f"""
    with given as (
        select g.*, uuidv7() as event_id from unnest(
            cast(:trigger_id as uuid[]), cast(:workspace_id as uuid[]), cast(:zip_id as uuid[]),
            cast(:outcome as text[]), cast(:method as text[]), cast(:query as bytea[]), cast(:headers as bytea[]),
            cast(:body_size as int[]), cast(:body_sha256 as bytea[]), cast(:kept as bytea[]),
            cast(:source_ip as text[]), cast(:dedupe_key as text[]), cast(:run_id as uuid[]),
            cast(:first_event_id as uuid[])
        ) with ordinality as g(
            trigger_id, workspace_id, zip_id, outcome, method, query, headers, body_size, body_sha256, kept,
            source_ip, dedupe_key, run_id, first_event_id, n
        )
    ),
    new_event as (
        insert into event (id, workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size,
                           body_sha256, source_ip, dedupe_key, run_id, first_event_id)
        select event_id, workspace_id, zip_id, trigger_id, outcome, {_REASON}, method, query, headers, body_size,
               body_sha256, source_ip, dedupe_key, run_id, first_event_id
        from given
    ),
    new_body as (
        insert into event_body (event_id, workspace_id, body, truncated)
        select event_id, workspace_id, kept, octet_length(kept) < body_size from given where kept is not null
    )
    select n, event_id from given
    """
)
