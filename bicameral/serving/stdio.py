"""Serving on stdio: the fast start, the hand-over to the SDK, and a prompt, clean end.

The main thread reads and answers listings at once; a second thread imports the SDK and
the handlers, then serves. Standard library only up to there. Nothing but protocol ever
reaches the client's pipe: descriptor 1 points at stderr for everybody else.
"""

import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bicameral.environment import Environment
from bicameral.serving.conversation import Conversation
from bicameral.serving.frames import split_lines
from bicameral.serving.front import Front
from bicameral.serving.listings import read_listings
from bicameral.serving.names import ToolNames

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from bicameral.serving.tool import Tables

PATIENCE_SECONDS = 15.0  # for answers still owed when the client has closed its end
CHUNK = 65_536


def serve(
    environment: Environment,
    *,
    load_tables: Callable[[], "Tables[Any]"],
    listings: Path | None = None,
    tool_names: ToolNames = "auto",
    on_start: Callable[[str, str | None], None],
    on_end: Callable[[], None],
) -> NoReturn:
    """Serve one client on descriptors 0 and 1 until it leaves, then end the process.

    Call it from the main thread, before anything heavy is imported. `load_tables` runs in
    a second thread, when the first request comes that the listings do not answer.
    `listings` is the file that `write_listings` made; without it, or when it is of other
    versions, the SDK answers everything. `on_start(session_id, client_name)` is called
    once, after the first request was taken; `on_end()` once, before anything else, when
    the stream ends or SIGTERM or SIGINT comes, if `on_start` was. The exit status is 0, or
    1 when the tables could not be loaded.
    """
    incoming, outgoing = claim_standard_streams()
    found = read_listings(listings) if listings else None
    conversation = Conversation(
        environment,
        outgoing,
        front=Front(found, tool_names=tool_names) if found else None,
        on_start=on_start,
        on_end=on_end,
    )
    _stop_on_signals(conversation)
    work = (conversation, load_tables, tool_names)
    threading.Thread(target=_run_sdk, args=work, name="sdk", daemon=True).start()
    for line in split_lines(_chunks(incoming)):
        conversation.hear(line)
    conversation.end(patience_seconds=PATIENCE_SECONDS)


def claim_standard_streams() -> tuple[int, int]:
    """Move the client's pipe to private descriptors; return them (incoming, outgoing).

    Children and stray prints get an empty stdin, and stderr for stdout.
    """
    _occupy_stderr()
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if os.name == "posix":
        # A client may hand over a pipe that does not block; a busy loop would be the answer.
        os.set_blocking(incoming, True)
        os.set_blocking(outgoing, True)
    return incoming, outgoing


def _occupy_stderr() -> None:
    """Without descriptor 2 a duplicate of the pipe would take its place."""
    try:
        os.fstat(2)
    except OSError:
        os.open(os.devnull, os.O_WRONLY)


def _chunks(descriptor: int) -> Iterator[bytes]:
    """Read what there is; a broken pipe ends the stream as its end does."""
    try:
        while chunk := os.read(descriptor, CHUNK):
            yield chunk
    except OSError:
        return


def _stop_on_signals(conversation: Conversation) -> None:
    """Have SIGTERM and SIGINT end the process, whatever its threads are doing.

    A thread of its own hears of them: Python runs a handler in the main thread alone, which
    would not hear before its next line if a signal came just before it began to read, or if
    the system woke another thread for it.
    """
    heard, told = os.pipe()
    if os.name == "posix":
        os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)

    def leave() -> None:
        os.read(heard, 1)
        conversation.leave(status=0)

    threading.Thread(target=leave, name="signals", daemon=True).start()


def _run_sdk(
    conversation: Conversation,
    load_tables: "Callable[[], Tables[Any]]",
    tool_names: ToolNames,
) -> None:
    """The second thread: import, build, serve; whatever stops it is told and ends the process."""
    try:
        server = _build(conversation, load_tables, tool_names)
        _serve_forever(server, conversation)
    except Exception as error:  # noqa: BLE001 the end of the thread: nobody above would hear it
        conversation.fail(error, traceback.format_exc())


def _build(
    conversation: Conversation,
    load_tables: "Callable[[], Tables[Any]]",
    tool_names: ToolNames,
) -> "Server[Any]":
    # Nothing made while importing is garbage: looking for some takes a quarter of the time.
    gc.disable()
    try:
        from bicameral.serving.protocol import Setting, build_server  # noqa: PLC0415 the SDK

        conversation.wait_until_needed()
        setting = Setting(
            tables=load_tables(),
            tool_names=tool_names,
            variables=conversation.variables,
            process_session=conversation.process_session,
            report=conversation.report,
        )
        return build_server(setting)
    finally:
        gc.freeze()
        gc.enable()


def _serve_forever(server: "Server[Any]", conversation: Conversation) -> None:
    from bicameral.serving.stream import run_server  # noqa: PLC0415 the SDK

    run_server(server, conversation)
