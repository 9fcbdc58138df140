"""Starts ministack with two waits of its Lambda runtime removed (98 ms a call become 2 to 3) and a scheduler that looks each second.

Nothing in the installed package is changed. The pinned version matters: the names below are its own.
"""

import socketserver
import sys

PINNED = "1.5.33"

# The runtime API answers in two writes; with Nagle's algorithm the client's delayed ACK holds the second for 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

import ministack.core.lambda_runtime as lambda_runtime  # noqa: E402
import ministack.services.lambda_svc as lambda_svc  # noqa: E402
import ministack.services.scheduler as scheduler  # noqa: E402
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

if __name__ == "__main__":
    main()
