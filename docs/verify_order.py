"""Recomputes the draw between equal arrivals as docs/receipt-format.md says, with nothing but Python.

    python3 verify_order.py BEFORE AFTER [RECEIPT...]

BEFORE and AFTER are two files of seeds of one campaign: the one that was public before the opening, and one of the click day
or later. Prints the receipts of the campaign in their order, or what does not fit; exit code 0 or 1. It checks no signatures:
verify_receipt.py does.
"""

import hashlib
import json
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo


def seed_of(file, day):
    """The seed of a day, from the file of that day or of a later one."""
    days = (date.fromisoformat(file["day"]) - day).days
    if days < 0:
        raise ValueError(f"the seed of {day} does not follow from that of {file['day']}")
    seed = bytes.fromhex(file["seed"])
    for _ in range(days):
        seed = hashlib.sha256(seed).digest()
    return seed


# What is hashed behind the seed, by the rule that the files of seeds name.
DRAWS = {
    "seed-application": lambda receipt: receipt["application"],
    "seed-application-code": lambda receipt: receipt["application"] + receipt["code"],
}


def rule_of(file):
    """The rule of the draw. Files of version 1 name none."""
    rule = "seed-application" if file["v"] == 1 else file.get("draw")
    if file["v"] not in (1, 2) or rule not in DRAWS:
        raise ValueError("the seeds are drawn by a rule that is not known here")
    return rule


def order(before, after, receipts):
    """Application ids by model, in their order."""
    if before["campaign"] != after["campaign"]:
        raise ValueError("the seeds are of two campaigns")
    rule = rule_of(after)
    if rule_of(before) != rule:
        raise ValueError("the seeds are drawn by two rules")
    if seed_of(after, date.fromisoformat(before["day"])).hex() != before["seed"]:
        raise ValueError("the seed is not the one that was bound")
    places = {}
    for receipt in receipts:
        if receipt["campaign"] != after["campaign"]:
            raise ValueError(f"{receipt['application']} is of another campaign")
        arrival = datetime.fromisoformat(receipt["arrival"].replace("Z", "+00:00"))
        seed = seed_of(after, arrival.astimezone(ZoneInfo("Europe/Rome")).date())
        draw = hashlib.sha256(seed + DRAWS[rule](receipt).encode()).hexdigest()
        place = (receipt["arrival"], draw, receipt["application"])
        places.setdefault(receipt["model"], []).append(place)
    return {model: [place[-1] for place in sorted(found)] for model, found in places.items()}


if __name__ == "__main__":
    texts = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    try:
        for model, applications in sorted(order(*texts[:2], [text["receipt"] for text in texts[2:]]).items()):
            print(model)
            for place, application in enumerate(applications, 1):
                print(f"{place:>8} {application}")
    except ValueError as wrong:
        print(wrong)
        sys.exit(1)
