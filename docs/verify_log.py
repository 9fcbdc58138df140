"""Checks receipts against the public log as docs/log-format.md says, with nothing but Python and openssl 3.

    python3 verify_log.py inclusion LOG KEYS RECEIPT...     whether the log's head has each receipt
    python3 verify_log.py consistency LOG KEYS CHECKPOINT   whether a head that was kept is the beginning of today's log
    python3 verify_log.py whole LOG KEYS                    whether all entries make the tree that the head says

LOG is the address of a campaign's log (https://…/facts/log/CAMPAIGN) or a folder with its files, KEYS the file
/facts/log-keys.json, CHECKPOINT a file `checkpoint` that was kept. Prints "fits", or why not; exit code 0 or 1.
It checks no signature of a receipt: verify_receipt.py does.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

# What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410).
DER_HEAD = bytes.fromhex("302a300506032b6570032100")
WIDTH = 256


class Misfit(Exception):
    pass


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def entry_of(receipt):
    """The one entry that a receipt can have."""
    secret = f"log entry v1\n{receipt['code']}\n{receipt['application']}\n{receipt['digest']}"
    commitment = hashlib.sha256(secret.encode()).hexdigest()
    return (
        f'{{"v":1,"model":"{receipt["model"]}","arrival":"{receipt["arrival"]}","receipt":"{commitment}"}}'
    ).encode()


def arrival_of(entry):
    return json.loads(entry)["arrival"]


def signature_fits(key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "key.der").write_bytes(DER_HEAD + key)
        (folder / "message").write_bytes(message)
        (folder / "signature").write_bytes(signature)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0


def opened(note, keys, origin=None):
    """Name, size and root of a signed head (C2SP signed-note, tlog-checkpoint)."""
    try:
        text, signatures = note.decode().split("\n\n", 1)
        name, size, root = (text + "\n").splitlines()[:3]
        size, root = int(size), base64.b64decode(root, validate=True)
    except ValueError:
        raise Misfit("the head is not a signed note") from None
    if origin not in (None, name):
        raise Misfit("the head is of another log")
    for line in signatures.splitlines():
        dash, signer, signed = line.split(" ")
        signed = base64.b64decode(signed)
        for vkey in keys:
            key_name, key_id, key = vkey.split("+", 2)
            key = base64.b64decode(key)
            own_id = hashlib.sha256(key_name.encode() + b"\n" + key).digest()[:4]
            if (dash, signer, key_name) != ("—", name, name) or signed[:4] != own_id or own_id.hex() != key_id:
                continue
            if signature_fits(key[1:], (text + "\n").encode(), signed[4:]):
                return name, size, root
    raise Misfit("no published key signed the head")


class Log:
    def __init__(self, place, vkeys):
        self.place, self.files = place, {}
        self.name, self.size, self.root = opened(self.read("checkpoint"), vkeys)

    def read(self, path):
        if path not in self.files:
            if "://" in self.place:
                try:
                    with urllib.request.urlopen(f"{self.place}/{path}") as answer:
                        self.files[path] = answer.read()
                except urllib.error.HTTPError as refused:
                    raise Misfit(f"{path} is missing ({refused.code})") from None
            elif (Path(self.place) / path).exists():
                self.files[path] = (Path(self.place) / path).read_bytes()
            else:
                raise Misfit(f"{path} is missing")
        return self.files[path]

    def tile(self, layer, number, count):
        """A tile of a layer that has `count` of what it holds."""
        width = min(count - number * WIDTH, WIDTH)
        path, rest = f"{number % 1000:03}", number // 1000
        while rest:
            path, rest = f"x{rest % 1000:03}/{path}", rest // 1000
        part = "" if width == WIDTH else f".p/{width}"
        return self.read(f"tile/{layer}/{path}{part}"), width

    def entries(self, number):
        """The entries of a bundle."""
        content, width = self.tile("entries", number, self.size)
        found, at = [], 0
        while at < len(content):
            end = at + 2 + int.from_bytes(content[at : at + 2], "big")
            found.append(content[at + 2 : end])
            at = end
        if len(found) != width or at != len(content):
            raise Misfit(f"bundle {number} is not one")
        return found

    def complete(self, level, number):
        """The hash of the complete subtree of 2**level entries."""
        tile_level, within = level // 8, 1 << (level % 8)
        first = number * within
        content, width = self.tile(tile_level, first // WIDTH, self.size >> (8 * tile_level))
        if len(content) != 32 * width:
            raise Misfit(f"tile {first // WIDTH} of level {tile_level} is not one")
        first %= WIDTH
        hashes = [content[32 * i : 32 * i + 32] for i in range(first, first + within)]
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def subtree(self, start, end):
        """The hash of entries from `start` up to before `end` (RFC 9162, 2.1.1)."""
        size = end - start
        if size & (size - 1) == 0:
            return self.complete(size.bit_length() - 1, start // size)
        half = 1 << ((size - 1).bit_length() - 1)
        return node_hash(self.subtree(start, start + half), self.subtree(start + half, end))

    def find(self, entry):
        """Number of an entry: it is searched from where its arrival should be, outwards, until all was looked at."""
        arrival = arrival_of(entry)
        bundles = -(-self.size // WIDTH)
        low, high = 0, bundles
        while low < high:
            middle = (low + high) // 2
            if arrival_of(self.entries(middle)[0]) <= arrival:
                low = middle + 1
            else:
                high = middle
        for away in range(bundles + 1):
            for bundle in {low - 1 - away, low - 1 + away}:
                if 0 <= bundle < bundles and entry in self.entries(bundle):
                    return bundle * WIDTH + self.entries(bundle).index(entry)
        raise Misfit("the entry is not in the log")


def inclusion_proof(log, number, start, end):
    """RFC 9162, 2.1.3.1."""
    if end - start == 1:
        return []
    half = start + (1 << ((end - start - 1).bit_length() - 1))
    if number < half:
        return inclusion_proof(log, number, start, half) + [log.subtree(half, end)]
    return inclusion_proof(log, number, half, end) + [log.subtree(start, half)]


def root_by_inclusion(number, size, leaf, proof):
    """RFC 9162, 2.1.3.2."""
    here, last, root = number, size - 1, leaf
    for part in proof:
        if last == 0:
            raise Misfit("the proof is too long")
        if here & 1 or here == last:
            root = node_hash(part, root)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            root = node_hash(root, part)
        here, last = here >> 1, last >> 1
    if last:
        raise Misfit("the proof is too short")
    return root


def consistency_proof(log, before, start, end, is_whole=True):
    """RFC 9162, 2.1.4.1."""
    if before == end:
        return [] if is_whole else [log.subtree(start, end)]
    half = start + (1 << ((end - start - 1).bit_length() - 1))
    if before <= half:
        return consistency_proof(log, before, start, half, is_whole) + [log.subtree(half, end)]
    return consistency_proof(log, before, half, end, False) + [log.subtree(start, half)]


def is_consistent(before, after, first_root, second_root, proof):
    """RFC 9162, 2.1.4.2."""
    if before == after:
        return not proof and first_root == second_root
    if before == 0:
        return not proof
    if before & (before - 1) == 0:
        proof = [first_root, *proof]
    if not proof:
        return False
    first, second = before - 1, after - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    old = new = proof[0]
    for part in proof[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            old, new = node_hash(part, old), node_hash(part, new)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            new = node_hash(new, part)
        first, second = first >> 1, second >> 1
    return (old, new, second) == (first_root, second_root, 0)


def inclusion(log, receipt):
    if receipt["campaign"] != log.name.rsplit("/", 1)[-1]:
        raise Misfit("the receipt is of another campaign")
    entry = entry_of(receipt)
    number = log.find(entry)
    proof = inclusion_proof(log, number, 0, log.size)
    if root_by_inclusion(number, log.size, leaf_hash(entry), proof) != log.root:
        raise Misfit("the entry is in no tree with this head")


def consistency(log, kept, vkeys):
    _, size, root = opened(kept, vkeys, log.name)
    if size > log.size:
        raise Misfit("the head that was kept has more entries than the log")
    proof = consistency_proof(log, size, 0, log.size) if size else []
    if not is_consistent(size, log.size, root, log.root, proof):
        raise Misfit("the log was rewritten since the head that was kept")


def whole(log):
    leaves = [leaf_hash(entry) for bundle in range(-(-log.size // WIDTH)) for entry in log.entries(bundle)]

    def root(start, end):
        if end - start == 1:
            return leaves[start]
        half = start + (1 << ((end - start - 1).bit_length() - 1))
        return node_hash(root(start, half), root(half, end))

    if root(0, log.size) != log.root:
        raise Misfit("the entries make another tree than the head says")
    if len(set(leaves)) != len(leaves):
        raise Misfit("an entry is in the log twice")


def main(command, place, keys, *files):
    vkeys = [key["vkey"] for key in json.loads(Path(keys).read_text())["keys"]]
    log = Log(place, vkeys)
    if command == "inclusion":
        for file in files:
            inclusion(log, json.loads(Path(file).read_text())["receipt"])
    elif command == "consistency":
        consistency(log, Path(files[0]).read_bytes(), vkeys)
    else:
        whole(log)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        print("fits")
    except Misfit as wrong:
        print(wrong)
        sys.exit(1)
    except (ValueError, LookupError) as wrong:
        print(f"something is not written as it should be: {wrong!r}")
        sys.exit(1)
