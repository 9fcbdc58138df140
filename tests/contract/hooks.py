"""Beside what schemathesis invents: sessions, identifiers, and now and then a call that must succeed.

All of it comes from the keeper (tests/bin/contract), which knows the portal in domain words; nothing here names an operation.
"""

import collections
import json
import os
import random
import threading
import urllib.parse

import requests
import schemathesis
import urllib3

KEEPER = os.environ["CONTRACT_KEEPER"]
RECORD = os.environ["CONTRACT_RECORD"]
# Of the cases that are valid by their form, one in so many is replaced by a call that must succeed.
GOOD_ONE_IN = 8

lock = threading.Lock()

# Each call comes from another address of this machine, so that no limit of one address is met too soon.
# From the system: no round repeats the addresses of the one before, and schemathesis keeps its own randomness.
machines = random.SystemRandom()
connect = urllib3.util.connection.create_connection


def connect_from_anywhere(address, *arguments, **more):
    with lock:
        places = machines.randrange(256), machines.randrange(256), machines.randrange(2, 255)
    more["source_address"] = (f"127.{places[0]}.{places[1]}.{places[2]}", 0)
    return connect(address, *arguments, **more)


urllib3.util.connection.create_connection = connect_from_anywhere

own = threading.local()
seen = collections.Counter()
# By the case's own identifier: what it wears, and whether it must succeed.
outfits = {}
good = set()


def name(operation):
    return operation.definition.raw["operationId"]


def keeper(what, operation):
    if not hasattr(own, "session"):
        own.session = requests.Session()
        own.session.trust_env = False
    answer = own.session.get(f"{KEEPER}/{what}/{urllib.parse.quote(name(operation))}", timeout=120)
    if answer.status_code != 200:
        raise RuntimeError(f"the keeper has no {what} for {name(operation)}: {answer.text}")
    return answer.json()


def wear(case, outfit):
    case.headers["Connection"] = "close"
    case.cookies = {**(case.cookies or {}), **outfit["cookies"]}
    for header, value in outfit["headers"].items():
        case.headers[header] = value


@schemathesis.auth(refresh_interval=None)
class Session:
    """Each case wears a session of one of several people, so that no limit of one of them is met too soon."""

    def get(self, case, context):
        return keeper("outfits", case.operation)

    def set(self, case, outfit, context):
        wear(case, outfit)
        outfits[case.id] = outfit


@schemathesis.hook
def before_call(context, case, kwargs):
    outfit = outfits.pop(case.id, None)
    meta = case.meta
    if outfit is None or meta is None or not case.operation.method.lower() == case.method.lower():
        return
    if meta.generation.mode.is_positive:
        with lock:
            number = seen[name(case.operation)]
            seen[name(case.operation)] += 1
        if number % GOOD_ONE_IN == 0 or not has_parameters(case.operation):
            call = keeper("calls", case.operation)
            case.headers.clear()
            wear(case, call)
            case.path_parameters = call["path_parameters"] or case.path_parameters
            case.query = call["query"]
            if "body" in call:
                case.body = call["body"]
            good.add(case.id)
            return
    for parameter, value in outfit["path_parameters"].items():
        path = schemathesis.core.parameters.ParameterLocation.PATH
        if parameter in (case.path_parameters or {}) and not meta.is_negative_at(path):
            case.path_parameters[parameter] = value


def has_parameters(operation):
    return bool(operation.path_parameters or operation.query or operation.body)


@schemathesis.hook
def after_call(context, case, response):
    line = {
        "operation": name(case.operation),
        "status": response.status_code,
        "good": case.id in good,
        "answer": response.text[:600] if case.id in good and response.status_code >= 400 else None,
    }
    with lock, open(RECORD, "a", encoding="utf-8") as record:
        record.write(json.dumps(line) + "\n")
