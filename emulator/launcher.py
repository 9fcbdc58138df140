"""Starts ministack with two waits of its Lambda runtime removed (98 ms a call become 2 to 3) and a scheduler that looks each second.

Nothing in the installed package is changed. The pinned version matters: the names below are its own.
"""

import os
import socketserver
import sys
from urllib.parse import parse_qs

PINNED = "1.5.33"

# The runtime API answers in two writes; with Nagle's algorithm the client's delayed ACK holds the second for 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

import ministack.core.iam_actions as iam_actions  # noqa: E402
import ministack.core.iam_evaluator as iam_evaluator  # noqa: E402
import ministack.core.lambda_runtime as lambda_runtime  # noqa: E402
import ministack.services.lambda_svc as lambda_svc  # noqa: E402
import ministack.services.scheduler as scheduler  # noqa: E402
import ministack.services.sts as sts  # noqa: E402
from importlib.metadata import version  # noqa: E402
from ministack.app import main  # noqa: E402

if version("ministack") != PINNED:
    sys.exit(f"ministack {version('ministack')} is installed, this launcher is for {PINNED}: `cargo xtask up` installs it")

# After each call it waits 50 ms for a first log line. 2 ms are enough for the line to land under its own request.
lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.002, 0.25)

# One-time schedules are looked at every 10 s; tests wait for them.
scheduler._SCHEDULE_TICK_INTERVAL = 1

# It saves how far a stream was read, but not the stream's records: after a restart the place would lie beyond all
# new records, and none would be read until as many had come again.
_restore_state = lambda_svc._restore_state
lambda_svc._restore_state = lambda data: _restore_state({**data, "dynamodb_stream_positions": {}} if data else data)

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
    main()
