"""All tables, their partitions and the second wall.

Also makes the tables that later work fills, so that what comes is an addition. Partitioned tables have no foreign
keys and no unique constraint beyond their primary key: either would block dropping a partition.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
create table "user" (
    id uuid default uuidv7() not null,
    email text not null,
    email_key text not null,
    name text not null,
    password_hash text not null,
    owns_instance boolean default false not null,
    created_at timestamptz default now() not null,
    password_changed_at timestamptz default now() not null,
    constraint user_pkey primary key (id),
    constraint user_email_key_key unique (email_key)
);
create unique index user_one_owner on "user" (owns_instance) where owns_instance;

create table session (
    id uuid default uuidv7() not null,
    user_id uuid not null,
    refresh_hash bytea not null,
    previous_hash bytea,
    rotated_at timestamptz default now() not null,
    expires_at timestamptz not null,
    created_at timestamptz default now() not null,
    last_seen_at timestamptz default now() not null,
    user_agent text not null,
    ip text not null,
    revoked_at timestamptz,
    constraint session_pkey primary key (id),
    constraint session_user_id_fkey foreign key(user_id) references "user" (id) on delete cascade,
    constraint session_refresh_hash_key unique (refresh_hash),
    constraint session_previous_hash_key unique (previous_hash)
);
create index session_user_id_idx on session (user_id);

create table workspace (
    id uuid default uuidv7() not null,
    name text not null,
    personal_user_id uuid,
    retention_days integer default 30 not null,
    created_at timestamptz default now() not null,
    constraint workspace_pkey primary key (id),
    constraint workspace_personal_user_id_key unique (personal_user_id),
    constraint workspace_personal_user_id_fkey foreign key(personal_user_id) references "user" (id) on delete cascade
);

create table membership (
    workspace_id uuid not null,
    user_id uuid not null,
    role text not null,
    created_at timestamptz default now() not null,
    constraint membership_pkey primary key (workspace_id, user_id),
    constraint membership_role_check check (role in ('owner', 'editor', 'viewer')),
    constraint membership_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint membership_user_id_fkey foreign key(user_id) references "user" (id) on delete cascade
);
create index membership_user_id_idx on membership (user_id);

create table invitation (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    email_key text not null,
    role text not null,
    token_hash bytea not null,
    invited_by uuid,
    created_at timestamptz default now() not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    constraint invitation_pkey primary key (id),
    constraint invitation_role_check check (role in ('owner', 'editor', 'viewer')),
    constraint invitation_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint invitation_token_hash_key unique (token_hash),
    constraint invitation_invited_by_fkey foreign key(invited_by) references "user" (id) on delete set null
);
create index invitation_workspace_id_idx on invitation (workspace_id);

create table api_token (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    user_id uuid not null,
    name text not null,
    token_hash bytea not null,
    hint text not null,
    scope text not null,
    created_at timestamptz default now() not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_token_pkey primary key (id),
    constraint api_token_scope_check check (scope in ('read', 'write', 'admin')),
    constraint api_token_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint api_token_user_id_fkey foreign key(user_id) references "user" (id) on delete cascade,
    constraint api_token_token_hash_key unique (token_hash)
);
create index api_token_user_id_idx on api_token (user_id);
create index api_token_workspace_id_idx on api_token (workspace_id);

create table zip (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    name text not null,
    folder text,
    state text default 'draft' not null,
    draft json not null,
    revision integer default 1 not null,
    live_version_id uuid,
    retention_days integer,
    created_by uuid,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    deleted_at timestamptz,
    constraint zip_pkey primary key (id),
    constraint zip_state_check check (state in ('draft', 'live', 'paused')),
    constraint zip_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint zip_created_by_fkey foreign key(created_by) references "user" (id) on delete set null
);
create index zip_workspace_id_id_idx on zip (workspace_id, id desc);

create table zip_version (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    zip_id uuid not null,
    number integer not null,
    definition json not null,
    note text,
    created_by uuid,
    created_at timestamptz default now() not null,
    constraint zip_version_pkey primary key (id),
    constraint zip_version_zip_id_number_key unique (zip_id, number),
    constraint zip_version_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint zip_version_zip_id_fkey foreign key(zip_id) references zip (id) on delete cascade,
    constraint zip_version_created_by_fkey foreign key(created_by) references "user" (id) on delete set null
);

create table trigger (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    zip_id uuid not null,
    kind text not null,
    settings jsonb not null,
    token_hash bytea not null,
    token_sealed bytea not null,
    verifier text default 'open' not null,
    verifier_sealed bytea,
    revision integer default 1 not null,
    cursor jsonb not null,
    next_fire_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    constraint trigger_pkey primary key (id),
    constraint trigger_kind_check check (kind in ('webhook', 'manual', 'schedule')),
    constraint trigger_verifier_check check (verifier in ('open', 'hmac')),
    constraint trigger_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint trigger_zip_id_key unique (zip_id),
    constraint trigger_zip_id_fkey foreign key(zip_id) references zip (id) on delete cascade,
    constraint trigger_token_hash_key unique (token_hash)
);
create index trigger_next_fire_at_idx on trigger (next_fire_at) where next_fire_at is not null;
create index trigger_workspace_id_idx on trigger (workspace_id);

create table event (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    zip_id uuid not null,
    trigger_id uuid not null,
    outcome text not null,
    reason text default '' not null,
    method text not null,
    query bytea default ''::bytea not null,
    headers bytea not null,
    body_size integer not null,
    body_sha256 bytea,
    source_ip text default '' not null,
    dedupe_key text,
    run_id uuid,
    first_event_id uuid,
    received_at timestamptz default clock_timestamp() not null,
    constraint event_pkey primary key (id),
    constraint event_outcome_check check (outcome in (
        'accepted', 'duplicate', 'conflict', 'draft', 'zip_off', 'throttled',
        'bad_signature', 'malformed', 'too_large', 'handshake', 'missed'
    ))
);
create index event_refused_idx on event (workspace_id, outcome, id desc) where outcome <> 'accepted';
create index event_trigger_id_id_idx on event (trigger_id, id desc);
create index event_workspace_id_id_idx on event (workspace_id, id desc);
create index event_zip_id_id_idx on event (zip_id, id desc);

create table event_body (
    event_id uuid not null,
    workspace_id uuid not null,
    body bytea not null,
    truncated boolean default false not null,
    constraint event_body_pkey primary key (event_id)
)
 partition by range (event_id);

create table event_tally (
    trigger_id uuid not null,
    hour timestamptz not null,
    outcome text not null,
    workspace_id uuid not null,
    kept integer default 0 not null,
    dropped integer default 0 not null,
    constraint event_tally_pkey primary key (trigger_id, hour, outcome)
);

create table dedupe (
    trigger_id uuid not null,
    key text not null,
    workspace_id uuid not null,
    event_id uuid not null,
    run_id uuid not null,
    body_sha256 bytea not null,
    expires_at timestamptz not null,
    constraint dedupe_pkey primary key (trigger_id, key),
    constraint dedupe_trigger_id_fkey foreign key(trigger_id) references trigger (id) on delete cascade
);
create index dedupe_expires_at_idx on dedupe (expires_at);

create table zip_run (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    zip_id uuid not null,
    version_id uuid not null,
    event_id uuid not null,
    root_run_id uuid not null,
    parent_run_id uuid,
    lane text,
    depth smallint default 0 not null,
    status text default 'queued' not null,
    ended_by text,
    epoch integer default 0 not null,
    worker_id uuid,
    cursor jsonb default '[]'::jsonb not null,
    attempt integer default 0 not null,
    generation integer default 0 not null,
    waits_for text,
    wake_at timestamptz,
    deadline timestamptz,
    active_ms bigint default 0 not null,
    crashes smallint default 0 not null,
    error_code text,
    error_message text,
    error_step_id text,
    seq integer default 0 not null,
    changed_xid xid8 default pg_current_xact_id() not null,
    traceparent text,
    created_at timestamptz default clock_timestamp() not null,
    queued_at timestamptz default clock_timestamp() not null,
    claimed_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    constraint zip_run_pkey primary key (id),
    constraint zip_run_status_check check (status in (
        'queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled',
        'dead'
    )),
    constraint zip_run_ended_by_check check (ended_by in (
        'end', 'filter', 'stop', 'error', 'cancel', 'deadline',
        'crash'
    ))
)
 with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index zip_run_queued_idx on zip_run (queued_at) where status = 'queued';
create index zip_run_replays_idx on zip_run (event_id) where root_run_id <> id;
create index zip_run_running_idx on zip_run (worker_id) where status = 'running';
create index zip_run_waiting_idx on zip_run (wake_at) where status = 'waiting';
create index zip_run_workspace_id_changed_xid_idx on zip_run (workspace_id, changed_xid);
create index zip_run_workspace_id_id_idx on zip_run (workspace_id, id desc);
create index zip_run_workspace_id_status_id_idx on zip_run (workspace_id, status, id desc);
create index zip_run_zip_id_changed_xid_idx on zip_run (zip_id, changed_xid);
create index zip_run_zip_id_id_idx on zip_run (zip_id, id desc);

create table step_attempt (
    run_id uuid not null,
    step_id text not null,
    path text default '' not null,
    attempt integer not null,
    generation integer not null,
    workspace_id uuid not null,
    epoch integer not null,
    effect text not null,
    status text not null,
    input bytea,
    output bytea,
    error_code text,
    error_message text,
    error_detail bytea,
    idempotency_key text not null,
    maybe_repeated boolean default false not null,
    started_at timestamptz,
    finished_at timestamptz,
    constraint step_attempt_pkey primary key (run_id, step_id, path, attempt),
    constraint step_attempt_status_check check (status in ('started', 'succeeded', 'failed', 'unknown', 'skipped')),
    constraint step_attempt_effect_check check (effect in ('pure', 'read', 'write'))
)
 partition by range (run_id);

create table wait (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    run_id uuid not null,
    step_id text not null,
    path text default '' not null,
    kind text not null,
    token_hash bytea,
    wake_at timestamptz,
    expires_at timestamptz,
    answer bytea,
    answered_at timestamptz,
    created_at timestamptz default now() not null,
    constraint wait_pkey primary key (id),
    constraint wait_kind_check check (kind in ('delay', 'retry', 'approval', 'webhook', 'unknown')),
    constraint wait_token_hash_key unique (token_hash)
);
create index wait_run_id_idx on wait (run_id);

create table run_response (
    run_id uuid not null,
    workspace_id uuid not null,
    status smallint not null,
    headers bytea not null,
    body bytea not null,
    created_at timestamptz default now() not null,
    constraint run_response_pkey primary key (run_id)
);

create table zip_outbox (
    id bigint generated always as identity,
    created_at timestamptz default now() not null,
    topic text not null,
    key text not null,
    body bytea not null,
    headers jsonb,
    published_at timestamptz,
    constraint zip_outbox_pkey primary key (created_at, id)
)
 partition by range (created_at);
create index zip_outbox_due_idx on zip_outbox (id) where published_at is null;

create table connection (
    id uuid default uuidv7() not null,
    workspace_id uuid not null,
    name text not null,
    kind text not null,
    public jsonb not null,
    sealed bytea not null,
    key_id text not null,
    hosts text[] not null,
    revision integer default 1 not null,
    created_by uuid,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    tested_at timestamptz,
    test_ok boolean,
    test_message text,
    constraint connection_pkey primary key (id),
    constraint connection_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint connection_created_by_fkey foreign key(created_by) references "user" (id) on delete set null
);
create index connection_workspace_id_id_idx on connection (workspace_id, id desc);

create table worker (
    id uuid default uuidv7() not null,
    host text not null,
    pid integer not null,
    version text not null,
    started_at timestamptz default clock_timestamp() not null,
    seen_at timestamptz default clock_timestamp() not null,
    draining boolean default false not null,
    dead_at timestamptz,
    constraint worker_pkey primary key (id)
);
create index worker_alive_idx on worker (seen_at) where dead_at is null;

create table poison (
    id uuid default uuidv7() not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    sha256 bytea not null,
    key bytea,
    raw bytea not null,
    error text not null,
    seen_at timestamptz default now() not null,
    constraint poison_pkey primary key (id),
    constraint poison_topic_partition_offset_sha256_key unique (topic, partition, "offset", sha256)
);

create table job (
    id uuid default uuidv7() not null,
    workspace_id uuid,
    kind text not null,
    status text default 'queued' not null,
    payload jsonb not null,
    result jsonb,
    error text,
    attempts integer default 0 not null,
    run_at timestamptz default now() not null,
    created_by uuid,
    created_at timestamptz default now() not null,
    finished_at timestamptz,
    constraint job_pkey primary key (id),
    constraint job_status_check check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
);
create index job_due_idx on job (run_at) where status = 'queued';

create table idempotency_key (
    workspace_id uuid not null,
    action text not null,
    key text not null,
    input_sha256 bytea not null,
    subject_id uuid not null,
    created_at timestamptz default now() not null,
    constraint idempotency_key_pkey primary key (workspace_id, action, key)
);
create index idempotency_key_created_at_idx on idempotency_key (created_at);

create table audit (
    id uuid default uuidv7() not null,
    workspace_id uuid,
    user_id uuid,
    api_token_id uuid,
    action text not null,
    subject_id uuid,
    detail jsonb default '{}'::jsonb not null,
    ip text default '' not null,
    at timestamptz default now() not null,
    constraint audit_pkey primary key (id)
);
create index audit_workspace_id_id_idx on audit (workspace_id, id desc);

alter table zip add constraint zip_live_version_id_fkey foreign key (live_version_id) references zip_version (id);
"""

# A version 7 UUID begins with 48 bits of milliseconds since 1970: a month of ids is a range of UUIDs.
# A partition is made beside its table and then attached: `create table … partition of` would lock the table
# against readers. Two processes may come at once; who is second finds the table there.
UUID_FLOOR = """
create function zipped_uuid_floor(moment timestamptz) returns uuid
language sql immutable strict as $$
    select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$
"""

ATTACH_PARTITION = """
create function zipped_attach_partition(parent text, name text, lower_bound text, upper_bound text) returns boolean
language plpgsql as $$
begin
    if to_regclass(name) is not null then
        return false;
    end if;
    execute format('create table %I (like %I including defaults including constraints)', name, parent);
    execute format('alter table %I attach partition %I for values from (%L) to (%L)',
                   parent, name, lower_bound, upper_bound);
    return true;
exception
    when duplicate_table then
        return false;
    when check_violation then  -- the default partition holds rows of that time; retention says so
        return false;
end
$$
"""

MAKE_PARTITIONS = """
create function zipped_make_partitions(now timestamptz) returns integer
language plpgsql as $$
declare
    made integer := 0;
    parent text;
    month timestamp := date_trunc('month', now at time zone 'UTC');
    day timestamp := date_trunc('day', now at time zone 'UTC');
    start timestamp;
begin
    foreach parent in array array['event_body', 'step_attempt'] loop
        for ahead in 0..2 loop
            start := month + make_interval(months => ahead);
            if zipped_attach_partition(
                parent, parent || to_char(start, '_YYYY_MM'),
                zipped_uuid_floor(start at time zone 'UTC')::text,
                zipped_uuid_floor((start + interval '1 month') at time zone 'UTC')::text
            ) then
                made := made + 1;
            end if;
        end loop;
    end loop;
    for ahead in 0..7 loop
        start := day + make_interval(days => ahead);
        if zipped_attach_partition(
            'zip_outbox', 'zip_outbox' || to_char(start, '_YYYY_MM_DD'),
            (start at time zone 'UTC')::text, ((start + interval '1 day') at time zone 'UTC')::text
        ) then
            made := made + 1;
            execute format('alter table %I set (autovacuum_vacuum_scale_factor = 0.02, '
                           'autovacuum_vacuum_insert_scale_factor = 0.05)',
                           'zip_outbox' || to_char(start, '_YYYY_MM_DD'));
        end if;
    end loop;
    return made;
end
$$
"""

# The role may be made beforehand by who is allowed to; then this needs no right to make roles.
ROLE = """
do $$
begin
    if not exists (select from pg_roles where rolname = 'zipped_api') then
        create role zipped_api nologin nobypassrls nosuperuser;
    end if;
    if not pg_has_role(current_user, 'zipped_api', 'set') then
        execute format('grant zipped_api to %I with set true', current_user);
    end if;
exception when insufficient_privilege then
    raise exception using message = format(
        'Zipped needs the role zipped_api; as a superuser run: create role zipped_api nologin; grant zipped_api to %I;',
        current_user);
end
$$
"""

WORKSPACES = "any (string_to_array(nullif(current_setting('zipped.workspaces', true), ''), ',')::uuid[])"

#: What the browser's and the API's transactions may do, and to which tables the workspace decides.
GRANTS = {
    "workspace": "select, update",
    "membership": "select, insert, update, delete",
    "invitation": "select, insert, update, delete",
    "api_token": "select, insert, update, delete",
    "zip": "select, insert, update",
    "zip_version": "select, insert",
    "trigger": "select, insert, update",
    "event": "select, insert",
    "event_body": "select, insert",
    "event_tally": "select",
    "dedupe": "select, insert, update, delete",
    "zip_run": "select, insert, update",
    "step_attempt": "select, insert, update",
    "wait": "select, insert, update, delete",
    "run_response": "select, insert",
    "connection": "select, insert, update, delete",
    "job": "select, insert, update",
    "idempotency_key": "select, insert, update, delete",
    "audit": "select, insert",
}


def upgrade() -> None:
    """Make everything."""
    op.execute("set local lock_timeout = '5s'")
    for statement in TABLES.strip().rstrip(";").split(";\n"):
        op.execute(statement)
    for function in (UUID_FLOOR, ATTACH_PARTITION, MAKE_PARTITIONS):
        op.execute(function)
    for table in ("event_body", "step_attempt", "zip_outbox"):
        op.execute(f"create table {table}_default partition of {table} default")
    op.execute("select zipped_make_partitions(now())")
    op.execute(ROLE)
    op.execute("grant usage on schema public to zipped_api")
    for table, rights in GRANTS.items():
        column = "id" if table == "workspace" else "workspace_id"
        mine = f"{column} = {WORKSPACES}"
        op.execute(f"grant {rights} on {table} to zipped_api")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy workspace on {table} to zipped_api using ({mine}) with check ({mine})")
    # People are visible to those who share a workspace with them, without their password.
    op.execute('grant select (id, email, name, created_at) on "user" to zipped_api')
    op.execute('alter table "user" enable row level security')
    op.execute(
        'create policy colleagues on "user" for select to zipped_api using (id in (select user_id from membership))'
    )
    # Ids and states only; who may write one has written its run under the policies above.
    op.execute("grant insert (topic, key, body, headers) on zip_outbox to zipped_api")


def downgrade() -> None:
    """There is nothing before the first migration: drop the database instead."""
    raise RuntimeError("0001 makes the first tables; to go back, drop the database.")
