"""While the database is away: one clear answer that says so, and everything works again after."""

from tests.fixtures.graphql import Api
from zipped.embedded.postgres import EmbeddedPostgres


def name_of(api: Api) -> str:
    return str(api.platform.database.engine.url.database)


async def test_answers_503_until_it_is_back(api: Api, postgres: EmbeddedPostgres) -> None:
    person = await api.person()
    name = name_of(api)
    postgres.sql(
        f"alter database {name} with allow_connections false; "
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        database="postgres",
    )
    message = "The database is away; nothing was stored; try again."

    # The caller is remembered for ten seconds: what fails is the field.
    remembered = await person("{ viewer { user { id } } }")
    api.platform.gate._seen.clear()
    unknown = await person("{ viewer { user { id } } }")
    sign_in = await api.anonymous(
        'mutation { signIn(input: {email: "ada@example.com", password: "whatever it is"}) { __typename } }'
    )

    assert remembered.status == 200
    assert remembered.body["data"] == {"viewer": None}
    assert remembered.errors[0]["message"] == message
    assert remembered.errors[0]["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 2.0}
    assert (unknown.status, unknown.headers["retry-after"]) == (503, "2")
    assert unknown.body == {"errors": [{"message": message, "extensions": {"code": "UNAVAILABLE"}}]}
    assert sign_in.body["data"] is None
    assert sign_in.errors[0]["extensions"]["code"] == "UNAVAILABLE"

    postgres.sql(f"alter database {name} with allow_connections true", database="postgres")
    assert (await person("{ viewer { user { id } } }")).data == {"viewer": {"user": {"id": person.user_id}}}
