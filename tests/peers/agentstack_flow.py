"""The published Agent Stack SDK drives a server through one whole life of a connector.

    python agentstack_flow.py '{"base_url": "http://…", "token": "…", "mcp_url": "http://…/mcp"}'

Prints one line of JSON with what it saw; a surprise is a sentence and a status that is not 0.
Nothing of the SDK is replaced but the browser it opens: here, a person who follows the address,
signs in and allows.
"""

import asyncio
import base64
import html.parser
import json
import sys
import uuid
import webbrowser
from urllib.parse import urljoin, urlsplit

import httpx
from agentstack_sdk.platform.client import PlatformClient
from agentstack_sdk.platform.connector import Connector, ConnectorState

OPTIONS = {
    "base_url": None,  # the server under test
    "token": None,  # an API token of it
    "mcp_url": None,  # the MCP server to connect to
    "mode": "open",  # open; oauth: a login is needed; token: `access_token` opens it
    "auth": "bearer",  # bearer, or basic: the token is the password
    "access_token": None,  # for mode `token`
    "client_id": None,  # a client made beforehand; none: the server registers itself
    "client_secret": None,
    "redirect_url": None,  # where the person's browser shall end; none: a page of the server
    "person": "anna",  # who signs in
    "metadata": {"name": "Test", "description": "made by the SDK"},
}


class Surprise(Exception):
    """Something is not as a client of the API may expect."""


def expect(truth, sentence):
    if not truth:
        raise Surprise(sentence)


def read_options():
    try:
        given = json.loads(sys.argv[1])
    except (IndexError, ValueError) as error:
        raise Surprise(f"the argument must be a JSON object: {error}") from error
    for name in given:
        expect(name in OPTIONS, f"there is no option `{name}` (there are {', '.join(OPTIONS)})")
    options = {**OPTIONS, **given}
    for name in ("base_url", "token", "mcp_url"):
        expect(options[name], f"option `{name}` is needed")
    expect(options["mode"] in ("open", "oauth", "token"), "`mode` must be open, oauth or token")
    expect(options["auth"] in ("bearer", "basic"), "`auth` must be bearer or basic")
    return options


def client_of(options):
    if options["auth"] == "basic":
        pair = base64.b64encode(f"api:{options['token']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        return PlatformClient(base_url=options["base_url"], headers=headers, trust_env=False)
    return PlatformClient(
        base_url=options["base_url"], auth_token=options["token"], trust_env=False
    )


class Form(html.parser.HTMLParser):
    """The names of a page's inputs and buttons."""

    def __init__(self, page):
        super().__init__()
        self.names = set()
        self.feed(page)

    def handle_starttag(self, _tag, attrs):
        self.names.add(dict(attrs).get("name"))


class Person:
    """Whoever sits before the browser that the SDK opens."""

    def __init__(self, name, stop_at):
        self.name = name
        self.stop_at = stop_at
        self.opened = []
        self.ended = None

    def open(self, url, new=0, autoraise=True):
        self.opened.append(url)
        with httpx.Client(follow_redirects=False, trust_env=False, timeout=30) as browser:
            self.ended = self.browse(browser, url)
        return True

    def browse(self, browser, url):
        provider = urlsplit(url).netloc
        answer = browser.get(url)
        for _ in range(20):
            if answer.is_redirect:
                url = urljoin(url, answer.headers["location"])
                # Only where the connector sends people at the end may be nobody's address.
                if self.stop_at and url.startswith(self.stop_at):
                    return {"url": url}
                answer = browser.get(url)
            elif urlsplit(url).netloc == provider and answer.status_code == 200:
                names = Form(answer.text).names
                data = {"login": self.name} if "login" in names else {"choice": "allow"}
                answer = browser.post(url, data=data)
            else:
                return {"url": url, "status": answer.status_code, "text": answer.text[:2000]}
        raise Surprise(f"the login does not end; it is at {url}")


async def rpc(connector, client, message, session=None):
    """One message through the proxy: the answer and the session."""
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    if session:
        headers["Mcp-Session-Id"] = session
    body, last = b"", None
    stream = connector.mcp_proxy(
        method="POST", headers=headers, content=json.dumps(message).encode(), client=client
    )
    async for last in stream:
        body += last.chunk
    if "id" not in message:
        return None, session
    expect(last is not None, f"{message['method']} was answered with nothing")
    kind = last.headers.get("content-type", "")
    text = body.decode()
    if kind.startswith("text/event-stream"):
        events = [line[5:].strip() for line in text.splitlines() if line.startswith("data:")]
        found = [json.loads(event) for event in events if event]
    else:
        found = [json.loads(text)]
    answer = next((m for m in found if m.get("id") == message["id"]), None)
    expect(answer is not None, f"{message['method']} was not answered: {text[:500]}")
    expect("error" not in answer, f"{message['method']}: {answer.get('error')}")
    return answer["result"], last.headers.get("mcp-session-id", session)


async def talk(connector, client):
    """A session with the MCP server, through the proxy."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "agentstack-sdk", "version": "0.7.1"},
        },
    }
    result, session = await rpc(connector, client, hello)
    seen = {"server": result["serverInfo"]["name"], "session": session}
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    await rpc(connector, client, ready, session)
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    result, _ = await rpc(connector, client, listing, session)
    seen["tools"] = sorted(tool["name"] for tool in result["tools"])
    for number, (name, arguments) in enumerate((("echo", {"text": "Grüße"}), ("whoami", {})), 3):
        params = {"name": name, "arguments": arguments}
        call = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        result, _ = await rpc(connector, client, call, session)
        seen[name] = result["content"][0]["text"]
    expect(seen["echo"] == "Grüße", f"echo answered {seen['echo']}")
    seen["whoami"] = json.loads(seen["whoami"])
    return seen


async def create(options, client):
    connector = await Connector.create(
        options["mcp_url"],
        client_id=options["client_id"],
        client_secret=options["client_secret"],
        metadata=options["metadata"],
        client=client,
    )
    expect(connector.state == ConnectorState.created, f"a new one is {connector.state}")
    expect(connector.metadata == options["metadata"], f"metadata became {connector.metadata}")
    expect(connector.auth_request is None, "a new one already waits for a login")
    expect(connector.disconnect_reason is None, "a new one has a reason to be disconnected")
    expect(connector.created_at and connector.updated_at, "a new one has no times")
    expect(connector.created_by, "a new one has no owner")
    return connector


async def expect_status(status, words, awaitable):
    try:
        await awaitable
    except httpx.HTTPStatusError as error:
        got = error.response.status_code
        expect(got == status, f"{words} was answered with {got}: {error.response.text}")
        detail = error.response.json()["detail"]
        expect(isinstance(detail, str), f"{words} has the detail {detail!r}")
        return detail
    raise Surprise(f"{words} was not refused")


async def refusals(options, client, connector):
    """What must not work, with the words the API has for it."""
    nobody = str(uuid.uuid4())
    again = Connector.create(options["mcp_url"], client=client)
    return {
        "again": await expect_status(409, "a second one of the same address", again),
        "unknown": await expect_status(404, "an unknown one", Connector.get(nobody, client=client)),
        "early": await expect_status(
            400, "disconnecting a new one", connector.disconnect(client=client)
        ),
    }


async def connect(options, client, connector, person):
    connected = await connector.connect(
        redirect_url=options["redirect_url"],
        access_token=options["access_token"],
        client=client,
    )
    seen = {"answer": connected.state.value}
    if options["mode"] == "oauth":
        expect(connected.state == ConnectorState.auth_required, f"connect gave {connected.state}")
        expect(len(person.opened) == 1, f"the SDK opened {len(person.opened)} pages")
        url = str(connected.auth_request.authorization_endpoint)
        expect(person.opened == [url], f"it opened {person.opened}, not {url}")
        seen["ended"] = person.ended
    else:
        expect(connected.state == ConnectorState.connected, f"connect gave {connected.state}")
        expect(connected.auth_request is None, "a connected one waits for a login")
    # What was answered, not what is by now: waiting must ask by itself.
    try:
        async with asyncio.timeout(60):
            connected = await connected.wait_for_state(client=client)
    except TimeoutError as error:
        raise Surprise(f"it was never connected; the browser ended at {person.ended}") from error
    expect(connected.auth_request is None, "a connected one waits for a login")
    expect(connected.disconnect_reason is None, "a connected one has a reason not to be")
    return connected, seen


async def leave(client, connector):
    gone = await connector.disconnect(client=client)
    expect(gone.disconnect_reason == "Client request", f"reason: {gone.disconnect_reason}")
    async with asyncio.timeout(60):
        gone = await gone.wait_for_state(state=ConnectorState.disconnected, client=client)
    # Doing it twice is allowed.
    await gone.disconnect(client=client)
    await gone.delete(client=client)
    await gone.wait_for_deletion(client=client)
    return await expect_status(404, "a deleted one", Connector.get(str(gone.id), client=client))


async def presets(client):
    page = await Connector.presets(client=client)
    expect(page.total_count >= len(page.items), "there are more presets than their number")
    return page.total_count


async def flow(options):
    person = Person(options["person"], options["redirect_url"])
    webbrowser.open = person.open
    async with client_of(options) as client:
        seen = {"presets": await presets(client)}
        connector = await create(options, client)
        seen |= {"id": str(connector.id), "url": str(connector.url)}
        listed = await Connector.list(client=client)
        expect(connector.id in [c.id for c in listed.items], "a new one is not in the list")
        for by in (connector, connector.id, str(connector.id)):
            same = await Connector.get(by, client=client)
            expect(same.id == connector.id, f"get gave another one for {by!r}")
        seen["refused"] = await refusals(options, client, connector)
        connector, seen["connect"] = await connect(options, client, connector, person)
        seen["mcp"] = await talk(connector, client)
        seen["deleted"] = await leave(client, connector)
        return seen


def main():
    try:
        seen = asyncio.run(flow(read_options()))
    except Surprise as surprise:
        sys.exit(str(surprise))
    except httpx.HTTPStatusError as error:
        # A streamed answer may not have been read, and then has no text.
        request, answer = error.request, error.response
        text = answer.text if answer.is_closed and hasattr(answer, "_content") else ""
        sys.exit(f"{request.method} {request.url}: {answer.status_code} {text}")
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(json.dumps(seen, ensure_ascii=False))


if __name__ == "__main__":
    main()
