"""submit-application in Python with boto3, for `cargo xtask bench`: the same session check, write, receipt and answers.

One process, one invocation at a time, as Lambda's own runtime does it. The campaign comes from the environment, where ours
reads it from the store.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CAMPAIGN = json.loads(os.environ["BENCH_CAMPAIGN"])
TABLE = os.environ["PORTAL_TABLE"]
ORIGIN = os.environ["PUBLIC_ORIGIN"]
REGION = os.environ["AWS_REGION"]
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MODULUS = 1021
SHARDS = 16

SETTINGS = Config(region_name=REGION, retries={"max_attempts": 1}, connect_timeout=1, read_timeout=3)
STORE = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL_DYNAMODB"], config=SETTINGS)
VAULT = boto3.client("secretsmanager", endpoint_url=os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"], config=SETTINGS)


def secret(variable):
    return VAULT.get_secret_value(SecretId=os.environ[variable])["SecretString"].encode()


def keyed_hash(key, label, *parts):
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in (label.encode(), *parts):
        mac.update(len(part).to_bytes(8, "big"))
        mac.update(part)
    return mac.digest()


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


ORIGIN_SECRET = secret("ORIGIN_SECRET_ID")
SESSION_SECRET = secret("SESSION_SECRET_ID")
SIGNER = Ed25519PrivateKey.from_private_bytes(
    keyed_hash(secret("RECEIPT_SECRET_ID"), "receipt key", CAMPAIGN["id"].encode())
)
KEY_ID = hashlib.sha256(SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def receipt_code():
    number = int.from_bytes(os.urandom(10), "big")
    number = (number << 10) | ((1 + MODULUS - (number << 10) % MODULUS) % MODULUS)
    symbols = "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(18))).upper()
    return "RIC-" + "-".join(symbols[at : at + 4] for at in range(0, 18, 4))


def instant(millis):
    moment = datetime.fromtimestamp(millis // 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis % 1000:03d}Z"


def receipt(head, application):
    text = (
        f'{{"v":1,"code":"{head["receipt_code"]["S"]}","application":"{application}",'
        f'"campaign":"{head["campaign"]["S"]}","campaign_version":{head["submitted_under"]["N"]},'
        f'"model":"{head["model"]["S"]}","digest":"{head["digest"]["S"]}",'
        f'"arrival":"{instant(int(head["arrival"]["N"]))}","key_id":"{KEY_ID}"}}'
    )
    signature = unpadded(SIGNER.sign(f"receipt v1\n{text}".encode()))
    return f'{{"receipt":{text},"signature":"{signature}"}}'


class Refused(Exception):
    pass


def caller(headers, arrival):
    if headers.get("origin") != ORIGIN:
        raise Refused(403)
    cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
    try:
        head, claims, signature = cookies["__Host-session"].split(".")
        kind = json.loads(decoded(head))
        due = hmac.digest(SESSION_SECRET, f"{head}.{claims}".encode(), "sha256")
        if kind["alg"] != "HS256" or kind["kid"] != "s1" or not hmac.compare_digest(due, decoded(signature)):
            raise Refused(401)
        claims = json.loads(decoded(claims))
    except (KeyError, ValueError) as error:
        raise Refused(401) from error
    if claims["aud"] != "portale" or arrival >= claims["exp"] * 1000 + CAMPAIGN["grace_ms"]:
        raise Refused(401)
    if claims["lvl"] < 2 or claims["rol"] not in ("employer", "operator"):
        raise Refused(403)
    return claims


def theirs(claims):
    filed_for = "organisation = :organisation" if claims["org"] else "attribute_not_exists(organisation)"
    filer = f"(filer = :caller AND {filed_for})"
    return filer if claims["rol"] == "operator" else f"(representative = :caller OR {filer})"


def is_theirs(head, claims):
    if claims["rol"] == "employer" and head["representative"]["S"] == claims["sub"]:
        return True
    return head["filer"]["S"] == claims["sub"] and head.get("organisation", {}).get("S") == claims["org"]


def submit(event):
    arrival = event["requestContext"]["timeEpoch"]
    headers = event["headers"]
    if not hmac.compare_digest(headers.get("x-origin-secret", "").encode(), ORIGIN_SECRET):
        raise Refused(403)
    claims = caller(headers, arrival)
    asked = json.loads(event["body"])
    if set(asked) != {"campaign", "model", "application"}:
        raise Refused(422)
    application, model = asked["application"], asked["model"]
    if asked["campaign"] != CAMPAIGN["id"] or model not in CAMPAIGN["windows"]:
        raise Refused(422)
    if not any(start <= arrival < end for start, end in CAMPAIGN["windows"][model]):
        raise Refused(409)
    shard = hashlib.sha256(application.encode()).digest()[0] % SHARDS
    values = {
        ":submitted": {"S": "submitted"},
        ":ready": {"S": "to-send"},
        ":one": {"N": "1"},
        ":arrival": {"N": str(arrival)},
        ":due": {"N": str(arrival)},
        ":code": {"S": receipt_code()},
        ":caller": {"S": claims["sub"]},
        ":under": {"N": str(CAMPAIGN["version"])},
        ":campaign": {"S": CAMPAIGN["id"]},
        ":model": {"S": model},
        ":pending_pk": {"S": f"PENDING#history#{shard:02d}"},
        ":queue": {"S": "history"},
    }
    if claims["org"]:
        values[":organisation"] = {"S": claims["org"]}
    try:
        head = STORE.update_item(
            TableName=TABLE,
            Key={"pk": {"S": f"APP#{application}"}, "sk": {"S": "HEAD"}},
            UpdateExpression="SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, receipt_code = :code, submitted_by = :caller, submitted_under = :under, pending_pk = :pending_pk, pending_due = :due, queue = :queue",
            ConditionExpression=f"#state = :ready AND campaign = :campaign AND model = :model AND {theirs(claims)}",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise Refused(503) from error
        head = error.response.get("Item")
        if not head or not is_theirs(head, claims):
            raise Refused(404) from error
        if "arrival" not in head or head["campaign"]["S"] != CAMPAIGN["id"] or head["model"]["S"] != model:
            raise Refused(409) from error
    return receipt(head, application)


def answer(event):
    request = event["requestContext"]["requestId"]
    try:
        status, body = 200, submit(event)
    except Refused as refused:
        status = refused.args[0]
        body = json.dumps({"type": "/problemi/rifiutata", "status": status, "request_id": request})
    print(json.dumps({"level": "INFO", "message": "answered", "request.id": request, "status": status}), flush=True)
    headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
    return json.dumps({"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False})


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    invocation = "/2018-06-01/runtime/invocation"
    while True:
        runtime.request("GET", f"{invocation}/next")
        event = runtime.getresponse()
        request = event.getheader("lambda-runtime-aws-request-id")
        body = answer(json.loads(event.read()))
        runtime.request("POST", f"{invocation}/{request}/response", body.encode())
        runtime.getresponse().read()


if __name__ == "__main__":
    sys.exit(main())
