"""The outbox rows of a run, as SQL to be put into the statement that writes the run (see run_writes, rule c).

Each function returns the `insert` of a common table expression that reads the written rows from another one, which
must offer id, zip_id, workspace_id, seq and status. The bytes are those of `zipped.messages`.
"""

from zipped import messages


def doorbells(source: str, *, where: str = "true") -> str:
    """Tell the workers that each run of `source` wants to be claimed."""
    return f"""
    insert into zip_outbox (topic, key, body)
    select '{messages.EXECUTION}', 'run_' || id,
           convert_to('{{"v"\\:{messages.VERSION},"runId":"run_' || id || '"}}', 'UTF8')
    from {source} where {where}
    """


def news(source: str, kind: str, *, where: str = "true") -> str:
    """Tell who watches that each run of `source` changed; `kind` is an SQL expression: 'run.finished' …"""
    return f"""
    insert into zip_outbox (topic, key, body)
    select '{messages.RESULT}', 'run_' || id, convert_to(
        '{{"v"\\:{messages.VERSION},"runId":"run_' || id || '","zipId":"zip_' || zip_id
        || '","workspaceId":"wsp_' || workspace_id || '","seq":' || seq || ',"type":"' || ({kind})
        || '","status":"' || status || '","at":"'
        || to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}}', 'UTF8')
    from {source} where {where}
    """
