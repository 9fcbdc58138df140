"""Starts ministack without its waits and with less work for each call, corrected where it forgets or asks otherwise than AWS.

Nothing in the installed package is changed. The pinned version matters: the names below are its own.
"""

import asyncio
import contextvars
import functools
import json
import os
import queue
import re
import socket
import socketserver
import sys
from types import SimpleNamespace
from urllib.parse import parse_qs

import hypercorn.asyncio
import uvicorn
import uvloop

PINNED = "1.5.33"

# The runtime API answers in two writes; with Nagle's algorithm the client's delayed ACK holds the second for 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

import ministack.app as app  # noqa: E402
import ministack.core.iam_actions as iam_actions  # noqa: E402
import ministack.core.iam_evaluator as iam_evaluator  # noqa: E402
import ministack.core.lambda_runtime as lambda_runtime  # noqa: E402
import ministack.services.dynamodb as dynamodb  # noqa: E402
import ministack.services.lambda_svc as lambda_svc  # noqa: E402
import ministack.services.scheduler as scheduler  # noqa: E402
import ministack.services.ses as ses  # noqa: E402
import ministack.services.sts as sts  # noqa: E402
from importlib.metadata import version  # noqa: E402

if version("ministack") != PINNED:
    sys.exit(f"ministack {version('ministack')} is installed, this launcher is for {PINNED}: `cargo xtask up` installs it")

# After each call it waits 50 ms for a first log line. 2 ms are enough for the line to land under its own request.
lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.002, 0.25)

# It is one process, and all tests wait for it. Its own server parses HTTP in Python: this one, in C, takes half the time.
async def _serve(application, config):
    host, _, port = config.bind[0].rpartition(":")
    await uvicorn.Server(
        uvicorn.Config(
            application, host=host, port=int(port), loop="none", http="httptools", ws="none", lifespan="on",
            # Clients keep their connections; the emulator makes these headers itself, and believes no header about the client.
            timeout_keep_alive=75, date_header=False, server_header=False, proxy_headers=False,
            access_log=False, log_level="warning", timeout_graceful_shutdown=3,
        )
    ).serve()


hypercorn.asyncio.serve = _serve
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

# A query reads its condition anew for each item.
dynamodb._condition_syntax_error = functools.lru_cache(4096)(dynamodb._condition_syntax_error)
_words = functools.lru_cache(4096)(dynamodb._tokenize)
dynamodb._tokenize = lambda expression: list(_words(expression))
_reserved_word = functools.lru_cache(4096)(dynamodb._check_reserved_keyword_usage)
dynamodb._check_reserved_keyword_usage = lambda words: _reserved_word(tuple(words))

# For each call it parses the caller's policies, twice, and looks the caller up for resource policies that few services have.
_parse_policy_document = iam_evaluator.parse_policy_document
_parse_policy_text = functools.lru_cache(4096)(_parse_policy_document)
iam_evaluator.parse_policy_document = lambda document: (
    _parse_policy_text(document) if isinstance(document, str) else _parse_policy_document(document)
)
_caller = contextvars.ContextVar("caller", default=None)
iam_evaluator.pin_request_caller = lambda headers, parameters=None: _caller.set((headers, parameters))
iam_evaluator.caller_arn = lambda: iam_evaluator.request_caller_arn(*(_caller.get() or ({}, {})))

# Threads take turns every 5 ms: a call of a function passes through six of them while the store's thread computes.
sys.setswitchinterval(0.0005)

# Each idle environment wakes twenty times a second to see whether it is to end: a hundred of them take a tenth of the process.
# An event still reaches it at once; its end, after at most this many seconds.
_LONGEST_IDLE_S = 2


class _PatientQueue(queue.Queue):
    def get(self, block=True, timeout=None):
        return super().get(block, timeout if timeout is None else max(timeout, _LONGEST_IDLE_S))


lambda_runtime.queue = SimpleNamespace(Queue=_PatientQueue, Empty=queue.Empty, Full=queue.Full)


def _serve_until_woken(self, poll_interval=None):
    self._BaseServer__is_shut_down.clear()
    try:
        while not self._BaseServer__shutdown_request:
            self._handle_request_noblock()
    finally:
        self._BaseServer__shutdown_request = False
        self._BaseServer__is_shut_down.set()


def _wake_and_end(self):
    self._BaseServer__shutdown_request = True
    try:
        socket.create_connection(self.server_address, timeout=1).close()
    except OSError:
        pass
    self._BaseServer__is_shut_down.wait(timeout=2)


socketserver.ThreadingTCPServer.serve_forever = _serve_until_woken
socketserver.ThreadingTCPServer.shutdown = _wake_and_end

# One-time schedules are looked at every 10 s; tests wait for them.
scheduler._SCHEDULE_TICK_INTERVAL = 1

# It saves how far a stream was read, but not the stream's records: after a restart the place would lie beyond all
# new records, and none would be read until as many had come again.
_restore_state = lambda_svc._restore_state
lambda_svc._restore_state = lambda data: _restore_state({**data, "dynamodb_stream_positions": {}} if data else data)

# Tests wait for letters to one address: all letters, asked for again and again, are too many (`/_ministack/ses/messages?to=TEXT`).
_every_letter = app._handle_ses_messages_request


async def _letters(method, path, headers, parameters):
    if path != "/_ministack/ses/messages" or "to" not in parameters:
        return await _every_letter(method, path, headers, parameters)
    to = parameters["to"][0]
    letters = {}
    for key, entries in ses._sent_emails.to_dict().items():
        if key[-1] == "entries":
            wanted = ("Source", "To", "Subject", "BodyText")
            chosen = [entry for entry in entries if any(to in recipient for recipient in entry.get("To", []))]
            letters.setdefault(key[0], []).extend({name: entry.get(name) for name in wanted} for entry in chosen)
    return 200, {"Content-Type": "application/json"}, json.dumps({"messages": letters}).encode()


app._handle_ses_messages_request = _letters

# With roles enforced it asks for permissions that AWS does not know: there the calls for many messages at once are covered
# by the permission for one.
_extract_iam_action = iam_actions.extract_iam_action


def _as_aws_names_it(*request):
    action = _extract_iam_action(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


iam_actions.extract_iam_action = _as_aws_names_it

# It takes a letter to be from no identity; on AWS the permission is one for the sender's identity, here always a domain.
_extract_resource_arn = iam_actions.extract_resource_arn


def _identity_of_the_sender(service, method, path, headers, body, parameters, region, account_id):
    arn = _extract_resource_arn(service, method, path, headers, body, parameters, region, account_id)
    source = parse_qs(body.decode("utf-8", "replace")).get("Source", [""])[0] if service == "ses" and body else ""
    if arn == "*" and "@" in source:
        return f"arn:aws:ses:{region}:{account_id}:identity/{source.rpartition('@')[2].rstrip('>')}"
    return arn


iam_actions.extract_resource_arn = _identity_of_the_sender

# Of the table's condition keys it knows the attributes only. The partition of each item that a call is about, so that a role
# for some partitions is one here, too; of a transaction all partitions count for each of its items, which is stricter than AWS.
_dynamodb_context = iam_actions.dynamodb_service_context


def _partitions(request):
    if isinstance(request, list):
        return [value for part in request for value in _partitions(part)]
    if not isinstance(request, dict):
        return []
    found = [
        item["pk"]["S"]
        for item in (request.get("Key"), request.get("Item"))
        if isinstance(item, dict) and isinstance(item.get("pk"), dict) and "S" in item["pk"]
    ]
    if "KeyConditionExpression" in request:
        # The first value of a condition is the partition's, in an index, too.
        values = request.get("ExpressionAttributeValues", {})
        first = re.search(r"=\s*(:\w+)", request["KeyConditionExpression"])
        found.append(values.get(first.group(1), {}).get("S", "") if first else "")
    parts = [request.get(name) for name in ("TransactItems", "RequestItems", "Keys")]
    parts += [request.get(name) for name in ("Put", "Update", "Delete", "ConditionCheck", "Get", "PutRequest", "DeleteRequest")]
    if isinstance(request.get("RequestItems"), dict):
        parts += list(request["RequestItems"].values())
        for keys in request["RequestItems"].values():
            for key in keys.get("Keys", []) if isinstance(keys, dict) else []:
                parts.append({"Key": key})
    return found + [value for part in parts for value in _partitions(part)]


def _with_partitions(body):
    context = _dynamodb_context(body)
    try:
        partitions = _partitions(json.loads(body or b"{}"))
    except (ValueError, UnicodeDecodeError):
        return context
    # A call that names none, such as a scan, is about all of them.
    return {**context, "dynamodb:LeadingKeys": partitions or [""]}


iam_actions.dynamodb_service_context = _with_partitions

# What functions did with their permissions, one line each, for unused.py to hold against what they were given.
_enforce = iam_evaluator.enforce
_noted = set()


def _enforced_and_noted(access_key, action, service, region, resource_arn="*", **context):
    denied = _enforce(access_key, action, service, region, resource_arn=resource_arn, **context)
    role = sts._sessions.get(access_key, {}).get("Arn", "").split("/")
    use = (role[1] if len(role) == 3 else "", action, resource_arn)
    if use[0] and not denied and use not in _noted and "STATE_DIR" in os.environ:
        _noted.add(use)
        with open(os.path.join(os.environ["STATE_DIR"], "permissions-used.txt"), "a", encoding="utf-8") as record:
            record.write(" ".join(use) + "\n")
    return denied


iam_evaluator.enforce = _enforced_and_noted

# Functions run from where cargo puts their program (emulator/functions): a running one that an older build has started ends
# before its next call, so that a change needs no deploy.
_invoke_provided = lambda_runtime.ProvidedWorker.invoke
_spawn_provided = lambda_runtime.ProvidedWorker._spawn


def _build():
    try:
        program = os.stat(os.environ.get("FUNCTIONS_PROGRAM", ""))
        return program.st_ino, program.st_mtime_ns
    except OSError:
        return None


def _spawn_and_note(self, *arguments, **options):
    self.build = _build()
    return _spawn_provided(self, *arguments, **options)


def _invoke_newest_build(self, *arguments, **options):
    if self._proc is not None and self.build != _build():
        self._teardown()
    return _invoke_provided(self, *arguments, **options)


lambda_runtime.ProvidedWorker._spawn = _spawn_and_note
lambda_runtime.ProvidedWorker.invoke = _invoke_newest_build

if __name__ == "__main__":
    app.main()
