"""Asking the person behind the client, in whichever way the protocol's era has for it.

Handshake connections send `elicitation/create` in the middle of the call; 2026-07-28 ends
the call with `input_required` and the client calls again with the answer. Follows what
`mcp.server.mcpserver.resolve` does for `Resolve` and `Elicit`, on the low-level types.
"""

import hashlib
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.elicitation import render_elicitation_schema
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, ValidationError

from bicameral.serving.refusals import PersonNotAsked
from bicameral.serving.tool import Question, Refusal

FIRST_WITH_ELICITATION = "2025-06-18"
FIRST_WITH_INPUT_REQUIRED = "2026-07-28"
WIRE_KEY = "person"

Context = ServerRequestContext[Any, Any]


def can_ask(ctx: Context) -> bool:
    """Say whether this client can show a form to its person, and the channel can carry it."""
    declared = ctx.session.client_capabilities
    elicitation = declared.elicitation if declared else None
    # `elicitation: {}` is how form support was declared before there were modes.
    has_forms = elicitation is not None and (
        elicitation.form is not None or elicitation.url is None
    )
    if is_version_at_least(ctx.protocol_version, FIRST_WITH_INPUT_REQUIRED):
        return has_forms
    is_old_enough = is_version_at_least(ctx.protocol_version, FIRST_WITH_ELICITATION)
    return has_forms and is_old_enough and ctx.session.can_send_request


async def ask_person(
    ctx: Context, params: CallToolRequestParams, question: Question
) -> BaseModel | Refusal | InputRequiredResult:
    """Return the filled form, a refusal, or the result that makes the client ask.

    Raises `PersonNotAsked` when the client fails to ask or gives back something else.
    """
    if is_version_at_least(ctx.protocol_version, FIRST_WITH_INPUT_REQUIRED):
        return _resume_or_ask(params, question)
    try:
        answer = await ctx.session.elicit_form(
            question.message,
            render_elicitation_schema(question.form),
            related_request_id=ctx.request_id,
        )
    except (MCPError, ValidationError) as error:
        raise _not_asked("the client could not ask the person") from error
    return _outcome(answer, question)


def _resume_or_ask(
    params: CallToolRequestParams, question: Question
) -> BaseModel | Refusal | InputRequiredResult:
    request = _request(question)
    digest = _digest(request)
    answer = (params.input_responses or {}).get(WIRE_KEY)
    # The state is sealed by the SDK: an answer counts only for the very question it was
    # given to, so a question that reads otherwise by now is asked again.
    if answer is None or params.request_state != digest:
        return InputRequiredResult(input_requests={WIRE_KEY: request}, request_state=digest)
    if not isinstance(answer, ElicitResult):
        raise _not_asked("the client gave back something other than the person's answer")
    return _outcome(answer, question)


def _outcome(answer: ElicitResult, question: Question) -> BaseModel | Refusal:
    if answer.action != "accept":
        return Refusal.DECLINED if answer.action == "decline" else Refusal.CANCELLED
    try:
        return question.form.model_validate(answer.content or {})
    except ValidationError as error:
        raise _not_asked("the person's answer does not fit the form") from error


def _request(question: Question) -> ElicitRequest:
    schema = render_elicitation_schema(question.form)
    return ElicitRequest(
        params=ElicitRequestFormParams(message=question.message, requested_schema=schema)
    )


def _digest(request: ElicitRequest) -> str:
    return hashlib.sha256(request.model_dump_json(by_alias=True).encode("utf-8")).hexdigest()


def _not_asked(what: str) -> PersonNotAsked:
    return PersonNotAsked(what, next_step="call the tool again to ask once more; nothing was done")
