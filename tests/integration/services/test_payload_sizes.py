"""Contents are fetched up to a limit, however many rows are asked for."""

import pytest

from tests.integration.services.conftest import Desk
from zipped.errors import ValidationFailed
from zipped.services import events, pages, runs, step_attempts
from zipped.services.step_attempts import Key


async def test_more_than_the_limit_at_once_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(pages, "MAX_PAYLOAD", 3000)
    zip, _ = await desk.live()
    async with desk.begin() as session:
        started = [
            await runs.start(session, desk.workspace_id, zip.id, actor=desk.actor, input="x" * 1000) for _ in range(3)
        ]
    keys = [Key(run.id, "a", "", 1) for run in started]
    for key in keys:
        await desk.all(
            """insert into step_attempt (run_id, step_id, attempt, generation, workspace_id, epoch, effect, status,
                input, output, idempotency_key)
            values (:run, 'a', 1, 0, :workspace, 1, 'pure', 'succeeded', cast(:part as bytea), cast(:part as bytea), '')
            returning run_id""",
            run=key.run_id,
            workspace=desk.workspace_id,
            part=b'"' + b"y" * 598 + b'"',
        )
    event_ids = [run.event_id for run in started]

    # when, then
    async with desk.begin() as session:
        assert len(await step_attempts.payloads(session, [desk.workspace_id], keys[:2])) == 2
        assert len(await events.bodies(session, [desk.workspace_id], event_ids[:2])) == 2
        with pytest.raises(ValidationFailed) as refused:
            await step_attempts.payloads(session, [desk.workspace_id], keys)
        assert refused.value.problems[0].code == "too_large"
        with pytest.raises(ValidationFailed):
            await events.bodies(session, [desk.workspace_id], event_ids)
