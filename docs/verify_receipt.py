"""Checks receipts as docs/receipt-format.md says, with nothing but Python and openssl 3.

    python3 verify_receipt.py RECEIPT KEYS       prints "fits", or why not; exit code 0 or 1
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410).
DER_HEAD = bytes.fromhex("302a300506032b6570032100")
FORM = re.compile(
    r'\{"receipt":(?P<receipt>\{"v":1,"code":"[0-9A-Z-]+","application":"app_[0-9a-z]{26}","campaign":"(?P<campaign>[a-z0-9-]+)",'
    r'"campaign_version":[0-9]+,"model":"[a-z0-9-]+","digest":"[0-9a-f]{64}","arrival":"[0-9T:.-]{23}Z",'
    r'"key_id":"(?P<key_id>[0-9a-f]{16})"\}),"signature":"(?P<signature>[A-Za-z0-9_-]{86})"\}'
)


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verdict(document, keys):
    found = FORM.fullmatch(document)
    if not found:
        return "not in the one form"
    named = [key for key in keys if (key["key_id"], key["campaign"]) == (found["key_id"], found["campaign"])]
    if not named:
        return "no such key"
    public = unpadded(named[0]["public_key"])
    if hashlib.sha256(public).hexdigest()[:16] != found["key_id"]:
        return "the key does not have its id"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "key.der").write_bytes(DER_HEAD + public)
        (folder / "message").write_bytes(b"receipt v1\n" + found["receipt"].encode())
        (folder / "signature").write_bytes(unpadded(found["signature"]))
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
        fits = subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0
    return "fits" if fits else "the signature does not fit"


if __name__ == "__main__":
    receipt, published = (Path(name).read_text() for name in sys.argv[1:3])
    outcome = verdict(receipt, json.loads(published)["keys"])
    print(outcome)
    sys.exit(outcome != "fits")
