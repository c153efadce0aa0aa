"""Resources and prompts, in both eras: read, or refused with what to do next."""

import mcp_types as types
import pytest
from mcp import Client

from tests.serving.inprocess import Mode, Server, error_of, with_client


def test_resources_and_prompts_are_listed_and_read(server: Server, mode: Mode) -> None:
    """The variables of an address and the arguments of a prompt reach their rows."""

    async def use(client: Client) -> list[str]:
        resources = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        prompts = (await client.list_prompts()).prompts
        decision = await client.read_resource("bicameral://decisions/dec_1")
        features = await client.read_resource(resources[0].uri)
        prompt = await client.get_prompt("preflight", {"topic": "auth"})
        assert isinstance(prompt.messages[0].content, types.TextContent)
        assert prompts[0].arguments
        return [
            templates[0].uri_template,
            prompts[0].arguments[0].name,
            *(c.text for c in decision.contents if isinstance(c, types.TextResourceContents)),
            *(c.text for c in features.contents if isinstance(c, types.TextResourceContents)),
            prompt.messages[0].content.text,
        ]

    assert with_client(server, mode, use) == [
        "bicameral://decisions/{id}",
        "topic",
        '{"id":"dec_1","session":"minted"}',
        "[]",
        "Check auth first.",
    ]


@pytest.mark.parametrize(
    ("uri", "code", "said"),
    [
        ("bicameral://decisions/dec_9", -32602, "search for it"),
        ("bicameral://nothing", -32602, "bicameral://decisions/{id}"),
        ("bicameral://decisions/crash", -32603, "ZeroDivisionError"),
    ],
)
def test_an_address_that_cannot_be_read_says_what_to_do(
    server: Server, mode: Mode, uri: str, code: int, said: str
) -> None:
    """There are no soft errors for resources, so the message has it all."""
    error = error_of(server, mode, lambda client: client.read_resource(uri))
    assert error.code == code
    assert error.data["uri"] == uri
    assert said in error.message
    assert "private" not in str(error)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("preflight", {}, "`topic` is required"),
        ("preflight", {"topic": "a", "x": "b"}, "`x` is not known"),
        ("nothing", {}, "no such prompt; there are: preflight"),
    ],
)
def test_a_prompt_that_cannot_be_made_says_what_to_do(
    server: Server, mode: Mode, name: str, arguments: dict[str, str], said: str
) -> None:
    """The person sees this in a menu."""
    error = error_of(server, mode, lambda client: client.get_prompt(name, arguments))
    assert said in error.message
