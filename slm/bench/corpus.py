"""Short notes made from templates and a seed, so that benchmarks need nobody's data."""

from __future__ import annotations

import random
from collections.abc import Iterator

PEOPLE = "Ana Ben Chidi Dora Emre Fay Goran Hana Ivo Jin Karla Luis Mina Noor Otto Petra Quinn Rosa Sami Tove".split()
PLACES = "Lisbon Oslo Kyoto Turin Ghent Porto Riga Cork Graz Lund Malmö Izmir Tunis Hanoi Quito Perth".split()
SERVICES = "billing search gateway mailer ledger scheduler uploader notifier catalogue auth metrics importer".split()
TOOLS = "PostgreSQL Redis nginx Kafka Terraform Grafana pytest ruff systemd LMDB SQLite Ansible Docker Vault".split()
FOODS = "lentils dumplings risotto rye bread ramen olives goat cheese mango pickles porridge".split()
HOBBIES = "climbing pottery chess sailing knitting birdwatching cycling choir fencing gardening".split()
REASONS = [
    "because the old one ran out of memory under load",
    "after the incident review on Monday",
    "so that the nightly job finishes before six",
    "since two customers asked for it",
    "to keep the audit trail complete",
    "as agreed in the planning meeting",
    "because the certificate expires next month",
]

TEMPLATES = [
    "The {service} service listens on port {port} since we moved it to {tool}, {reason}.",
    "{person} prefers {food} for lunch and is allergic to {food2}, so book the place in {place} accordingly.",
    "Deploys of {service} need a green run of {tool} first; {person} signs off, {reason}.",
    "{person} and {person2} met in {place} in {month} {year} and started {hobby} together there.",
    "We decided to replace {tool} by {tool2} in the {service} service {reason}.",
    "To restart {service} by hand, drain it first, wait {number} seconds, then run the {tool} playbook for {place}.",
    "{person} takes {hobby} lessons every {weekday} at {hour} and can't join calls in that hour.",
    "The backup of {service} goes to the {place} bucket every {number} hours and is kept for {number2} days.",
    "Budget for {service} is {money} euros a month until {month}, {person} approves anything above that.",
    "Ticket {ticket}: {service} returns an error {number3} when {tool} is slow; the fix is a longer timeout.",
    "{person} moved from {place} to {place2} in {month} {year} and works on {service} from there now.",
    "Remember that {tool} needs {number} GB of memory on the {place} machines, {reason}.",
]
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday".split()


def notes(count: int, seed: int = 7) -> Iterator[str]:
    """``count`` distinct notes of 12 to 25 words; the same seed gives the same notes."""
    draw = random.Random(seed)
    made: set[str] = set()
    while len(made) < count:
        person, person2 = draw.sample(PEOPLE, 2)
        place, place2 = draw.sample(PLACES, 2)
        tool, tool2 = draw.sample(TOOLS, 2)
        food, food2 = draw.sample(FOODS, 2)
        note = draw.choice(TEMPLATES).format(
            person=person, person2=person2, place=place, place2=place2, tool=tool, tool2=tool2, food=food, food2=food2,
            service=draw.choice(SERVICES), hobby=draw.choice(HOBBIES), reason=draw.choice(REASONS),
            month=draw.choice(MONTHS), weekday=draw.choice(WEEKDAYS), year=draw.randint(2012, 2026),
            hour=f"{draw.randint(7, 20)}:{draw.choice(['00', '15', '30'])}", port=draw.randint(1024, 65535),
            number=draw.randint(2, 96), number2=draw.randint(7, 400), number3=draw.randint(400, 599),
            money=draw.randint(100, 9000), ticket=f"OPS-{len(made)}",
        )  # fmt: skip
        if note not in made:
            made.add(note)
            yield note
