"""What trying a step showed is remembered, behind the second wall like everything that is a workspace's."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE = """
create table step_test (
    zip_id uuid not null,
    step_id text not null,
    workspace_id uuid not null,
    id uuid not null,
    step_sha256 bytea not null,
    samples jsonb not null,
    effect text not null,
    outcome text not null,
    error_code text,
    message text default '' not null,
    delayed_until timestamptz,
    input bytea,
    output bytea,
    output_sha256 bytea,
    error_detail bytea,
    calls bytea not null,
    input_size integer not null,
    duration_ms integer not null,
    tested_at timestamptz default now() not null,
    tested_by uuid,
    constraint step_test_pkey primary key (zip_id, step_id),
    constraint step_test_effect_check check (effect in ('pure', 'read', 'write')),
    constraint step_test_outcome_check check (outcome in (
        'succeeded', 'failed', 'unknown', 'filtered', 'delayed', 'stopped'
    )),
    constraint step_test_zip_id_fkey foreign key(zip_id) references zip (id) on delete cascade,
    constraint step_test_workspace_id_fkey foreign key(workspace_id) references workspace (id) on delete cascade,
    constraint step_test_id_key unique (id),
    constraint step_test_tested_by_fkey foreign key(tested_by) references "user" (id) on delete set null
)
"""

MINE = "workspace_id = any (string_to_array(nullif(current_setting('zipped.workspaces', true), ''), ',')::uuid[])"


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLE)
    op.execute("grant select, insert, update, delete on step_test to zipped_api")
    op.execute("alter table step_test enable row level security")
    op.execute(f"create policy workspace on step_test to zipped_api using ({MINE}) with check ({MINE})")


def downgrade() -> None:
    """Forget what was tested."""
    op.execute("drop table step_test")
