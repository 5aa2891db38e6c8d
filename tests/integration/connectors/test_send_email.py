"""Send e-mail against a real SMTP server."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

import connectors
from tests.integration.connectors.certificates import certificate_for
from tests.integration.connectors.conftest import OpenClient, listening
from tests.integration.connectors.performing import KEY, opened, performed
from zipped.catalog import Failed, OpenConnection, Succeeded, Unknown
from zipped.steps.instance_connections import instance_connections

INPUT = {
    "to": "Ada <ada@example.org>",
    "subject": "Order {{ trigger.body.id }}",
    "text": "Hello",
    "bcc": "eve@example.net",
}
SCOPE = {"trigger": {"body": {"id": 42}}}


@dataclass
class MailServer:
    """A real SMTP server that keeps what it accepts and refuses what it is told to refuse."""

    port: int = 0
    accepted: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 OK queued"

    @property
    def messages(self) -> list[EmailMessage]:
        """What was accepted, read back."""
        found = []
        for envelope in self.accepted:
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer.startswith("250"):
            self.accepted.append(envelope)
            self.sessions.append(session)
        return self.data_answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"zipped", b"canary-123456")
        return AuthResult(success=good, handled=good)


Serving = Callable[..., AbstractAsyncContextManager[MailServer]]


@asynccontextmanager
async def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> AsyncIterator[MailServer]:
    """The server on a port of its own."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    transports: list[asyncio.Transport] = []

    class Protocol(SMTP):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            transports.append(transport)
            super().connection_made(transport)

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it advises against what is wanted here: signing in without STARTTLS
            return Protocol(
                handler,
                hostname="mail.example",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=handler.authenticate,
                auth_required=auth,
                auth_require_tls=False,
                loop=loop,
            )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
        for transport in transports:
            transport.close()
        await asyncio.sleep(0)


def _connection(port: int, **fields: Any) -> OpenConnection:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "from": "Zipped <zipped@example.com>"}
    return opened("smtp", given | fields)


async def test_a_message_is_handed_in(open_client: OpenClient) -> None:
    async with mail_server() as server:
        client = await open_client(server.port)
        outcome = await performed(client, "email", "send", INPUT, connection=_connection(server.port), scope=SCOPE)
    assert outcome == Succeeded(
        {
            "messageId": f"<{KEY.lower()}@example.com>",
            "accepted": ["ada@example.org", "eve@example.net"],
            "refused": [],
            "response": "250 OK queued",
        }
    )
    message, envelope = server.messages[0], server.accepted[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("zipped@example.com", ["ada@example.org", "eve@example.net"])
    assert message["Subject"] == "Order 42"
    assert message["Message-ID"] == f"<{KEY.lower()}@example.com>"
    assert message["Bcc"] is None
    assert message.get_content().strip() == "Hello"
    assert server.sessions[0].host_name == "example.com"


async def test_the_same_key_gives_the_same_message(open_client: OpenClient) -> None:
    async with mail_server() as server:
        client = await open_client(server.port)
        for _ in range(2):
            await performed(
                client, "email", "send", INPUT | {"html": "<b>x</b>"}, connection=_connection(server.port), scope=SCOPE
            )
    first, second = (envelope.content for envelope in server.accepted)
    assert first == second


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_conversation_is_encrypted_and_signed_in(
    security: str, open_client: OpenClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = certificate_for("127.0.0.1", tmp_path)
    how = {"starttls": context} if security == "starttls" else {"tls": context}
    async with mail_server(**how, auth=True) as server:
        client = await open_client(server.port)
        connection = _connection(server.port, security=security, username="zipped", password="canary-123456")

        stranger = await performed(client, "email", "send", INPUT, connection=connection, scope=SCOPE)
        assert isinstance(stranger, Failed)
        assert "certificate" in stranger.message.lower()
        assert server.accepted == []

        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        outcome = await performed(client, "email", "send", INPUT, connection=connection, scope=SCOPE)
        assert isinstance(outcome, Succeeded), outcome
        assert len(server.accepted) == 1
        assert server.sessions[0].authenticated

        kind = connectors.load().connection_kind("smtp")
        assert kind is not None
        assert kind.test is not None
        assert (await kind.test(client, connection)).ok
        wrong = _connection(server.port, security=security, username="zipped", password="wrong-canary")
        tried = await kind.test(client, wrong)
        assert (tried.ok, "refused the user name or password" in tried.message) == (False, True)
        assert "wrong-canary" not in tried.message

        refused = await performed(client, "email", "send", INPUT, connection=wrong, scope=SCOPE)
        assert isinstance(refused, Failed)
        assert (refused.code, refused.retryable) == ("smtp_535", False)
    assert len(server.accepted) == 1


async def test_a_server_without_encryption_is_not_used_when_it_is_wanted(open_client: OpenClient) -> None:
    async with mail_server() as server:
        client = await open_client(server.port)
        connection = _connection(server.port, security="starttls", username="zipped", password="canary-123456")
        outcome = await performed(client, "email", "send", INPUT, connection=connection, scope=SCOPE)
    assert isinstance(outcome, Failed)
    assert "STARTTLS" in outcome.message
    assert server.accepted == []


async def test_some_recipients_may_be_refused(open_client: OpenClient) -> None:
    async with mail_server() as server:
        server.refused = {"eve@example.net": "550 no such user"}
        client = await open_client(server.port)
        outcome = await performed(client, "email", "send", INPUT, connection=_connection(server.port), scope=SCOPE)
    assert isinstance(outcome, Succeeded)
    assert outcome.output["accepted"] == ["ada@example.org"]
    assert outcome.output["refused"] == [{"address": "eve@example.net", "code": 550, "message": "no such user"}]
    assert server.accepted[0].rcpt_tos == ["ada@example.org"]


@pytest.mark.parametrize(
    ("answers", "retryable"),
    [(("550 no", "550 no"), False), (("450 later", "450 later"), True), (("450 later", "550 no"), False)],
)
async def test_all_recipients_refused(answers: tuple[str, str], retryable: bool, open_client: OpenClient) -> None:
    async with mail_server() as server:
        server.refused = dict(zip(("ada@example.org", "eve@example.net"), answers, strict=True))
        client = await open_client(server.port)
        outcome = await performed(client, "email", "send", INPUT, connection=_connection(server.port), scope=SCOPE)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("smtp_recipients_refused", retryable)
    assert [one["address"] for one in outcome.detail["refused"]] == ["ada@example.org", "eve@example.net"]
    assert server.accepted == []


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [("451 try later", "smtp_451", True), ("552 too much", "smtp_552", False), ("554 spam", "smtp_554", False)],
)
async def test_a_refused_message_is_tried_again_only_if_asked_to(
    answer: str, code: str, retryable: bool, open_client: OpenClient
) -> None:
    async with mail_server() as server:
        server.data_answer = answer
        client = await open_client(server.port)
        outcome = await performed(client, "email", "send", INPUT, connection=_connection(server.port), scope=SCOPE)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == (code, retryable)


def _silent_after(last: bytes, *, hang: bool) -> Any:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        data = False
        while line := await reader.readline():
            if line.upper().startswith(last):
                if hang:
                    await reader.read()
                return
            if data:
                continue
            data = line.upper().startswith(b"DATA")
            writer.write(b"354 go on\r\n" if data else b"250 OK\r\n")
            await writer.drain()

    return serve


@pytest.mark.parametrize("hang", [True, False])
@pytest.mark.parametrize(("last", "expected"), [(b"MAIL", Failed), (b"RCPT", Failed), (b".\r\n", Unknown)])
async def test_a_conversation_that_breaks_off(
    last: bytes, hang: bool, expected: type[Failed | Unknown], open_client: OpenClient
) -> None:
    async with listening(_silent_after(last, hang=hang)) as port:
        client = await open_client(port)
        outcome = await performed(
            client, "email", "send", INPUT, connection=_connection(port), scope=SCOPE, timeout=0.5 if hang else 5.0
        )
    assert isinstance(outcome, expected), outcome
    assert "broke off" in outcome.message
    assert isinstance(outcome, Unknown) or outcome.retryable


async def test_the_guard_stands_before_the_mail_server(open_client: OpenClient) -> None:
    async with mail_server() as server:
        client = await open_client()
        outcome = await performed(client, "email", "send", INPUT, connection=_connection(server.port), scope=SCOPE)
        assert isinstance(outcome, Failed)
        assert (outcome.code, outcome.retryable) == ("address_denied", False)

        kind = connectors.load().connection_kind("smtp")
        assert kind is not None
        assert kind.test is not None
        assert not (await kind.test(client, _connection(server.port))).ok
    assert server.accepted == []


async def test_the_installation_s_own_server_serves_steps_without_connection(open_client: OpenClient) -> None:
    async with mail_server(auth=True) as server:
        client = await open_client()  # the guard allows nothing; the operator's own server is trusted
        url = f"smtp://zipped:canary%2D123456@127.0.0.1:{server.port}/?security=none&from=zipped@example.com"
        defaults = instance_connections(connectors.load(), smtp_url=url)
        outcome = await performed(client, "email", "send", INPUT, defaults=defaults, scope=SCOPE)
        assert isinstance(outcome, Succeeded), outcome
        assert server.accepted[0].mail_from == "zipped@example.com"

        without = await performed(client, "email", "send", INPUT, defaults={}, scope=SCOPE)
        assert isinstance(without, Failed)
        assert without.code == "connection_missing"
    assert len(server.accepted) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "x\r\nBcc: eve@example.net"},
        {"to": "ada@example.org\r\nDATA"},
        {"to": [f"user{n}@example.org" for n in range(51)]},
        {"to": "nobody"},
        {"to": []},
        {"text": ""},
        {"from": "a@example.com, b@example.com"},
        {"body": "x"},
    ],
)
async def test_a_bad_message_reaches_no_server(changes: dict[str, Any], open_client: OpenClient) -> None:
    async with mail_server() as server:
        client = await open_client(server.port)
        input = {"to": "ada@example.org", "text": "x", **changes}
        outcome = await performed(client, "email", "send", input, connection=_connection(server.port))
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("bad_input", False)
    assert server.accepted == []


async def test_dots_and_long_lines_arrive_as_they_were_written(open_client: OpenClient) -> None:
    text = ".\r\n..x\r\n" + "y" * 5000 + "\r\n.\r\nQUIT\r\n"
    async with mail_server() as server:
        client = await open_client(server.port)
        input = {"to": "ada@example.org", "text": text}
        outcome = await performed(client, "email", "send", input, connection=_connection(server.port))
    assert isinstance(outcome, Succeeded)
    assert server.messages[0].get_content().splitlines() == text.splitlines()
