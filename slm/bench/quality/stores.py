"""One store of a collection: filled, asked in every way of the plan, and put away again."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from slm.bench.collections.collection import Collection, Question
from slm.bench.quality.abstention import Kind, Trial, as_keywords
from slm.bench.quality.asking import HITS, Asker, Reply, filled
from slm.bench.quality.channels import BASELINES, best
from slm.bench.quality.metrics import DEPTH, Ranked
from slm.bench.quality.token_variance import token_variance
from slm.bench.quality.variations import VARIATIONS, Variation, varied
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.engine.service import Service

RECALL = "slm recall"
NO_LIFTS = "without supersedes"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured beside recall as it is: its ``variations``, the ``baselines``, abstention and answers."""

    variations: Mapping[str, Variation] = field(default_factory=lambda: VARIATIONS)
    baselines: bool = True
    token_variance: bool = False
    abstention: bool = True
    answers: bool = False
    hits: int = HITS

    def quick(self) -> Plan:
        """Only what costs little."""
        return replace(self, variations={}, token_variance=False)


@dataclass(slots=True)
class Observed:
    """What one store said: ``rankings`` of the ``questions`` with known gold by row, their ``replies`` to recall.

    ``answered`` are the questions with a published answer beside what recall answered.
    """

    name: str
    questions: list[Question]
    replies: list[Reply]
    rankings: dict[str, list[Ranked]]
    trials: list[Trial]
    answered: list[tuple[Question, str | None]]


def observe(collection: Collection, strangers: Sequence[Question], plan: Plan, embedder: Embedder) -> Observed:
    """Fill a temporary store with ``collection`` and ask it; nothing in it answers the ``strangers``."""
    talk(f"{collection.name}: remembering {len(collection.records):,}")
    embedder.forget_queries()  # that another store was asked as a stranger's: its time to embed is told
    with filled([collection], embedder) as service:
        talk(f"{collection.name}: asking {len(collection.questions):,}")
        asker = Asker(service, collection, plan.hits)
        questions = [question for question in collection.questions if question.gold]
        replies = [asker.ask(question) for question in questions]
        rankings: dict[str, list[Ranked]] = {RECALL: [reply.ranked for reply in replies]}
        if plan.variations:
            rankings[NO_LIFTS] = [reply.ranked_without_lifts for reply in replies]
        for name, variation in plan.variations.items():
            with varied(service, variation):
                rankings[name] = [asker.ask(question).ranked for question in questions]
        if plan.baselines:
            rankings |= _baselines(service, collection, questions, plan, embedder)
        trials = _trials(asker, collection, strangers) if plan.abstention else []
        return Observed(collection.name, questions, replies, rankings, trials, _answers(asker, collection, plan))


def _trials(asker: Asker, collection: Collection, strangers: Sequence[Question]) -> list[Trial]:
    known = [question for question in collection.questions if question.gold]
    put: list[tuple[Kind, Question]] = [
        *(("answerable", question) for question in known),
        *(("as keywords", as_keywords(question)) for question in known),
        *(("unanswerable", question) for question in collection.questions if not question.answerable),
        *(("of another store", question) for question in strangers),
    ]
    return [Trial(kind, *asker.try_to_abstain(question)) for kind, question in put]


def _answers(asker: Asker, collection: Collection, plan: Plan) -> list[tuple[Question, str | None]]:
    if not plan.answers:
        return []
    told = [question for question in collection.questions if question.answerable and question.answer]
    return [(question, asker.ask(question, answer=True).answer) for question in told]


def _baselines(
    service: Service, collection: Collection, questions: Sequence[Question], plan: Plan, embedder: Embedder
) -> dict[str, list[Ranked]]:
    ways = dict(BASELINES)
    if plan.token_variance:
        ways["meaning alone (token variance)"] = service.inspect(partial(token_variance, embedder=embedder))
    depth = len(collection.records) if collection.units else DEPTH

    def ranked(engine: Engine) -> dict[str, list[Ranked]]:
        units = _units(engine, collection)
        found = {
            name: [best(way(engine, question.text), depth) for question in questions] for name, way in ways.items()
        }
        return {
            name: [list(dict.fromkeys(units[ordinal] for ordinal in one))[:DEPTH] for one in rankings]
            for name, rankings in found.items()
        }

    return service.inspect(ranked)


def _units(engine: Engine, collection: Collection) -> list[int]:
    """The unit of each memory by its ordinal."""
    unit_of_key = collection.unit_of_key()
    with engine.store.read() as reader:
        keys = [reader.memory(ordinal).idempotency_key or "" for ordinal in range(reader.n_memories)]
    return [unit_of_key[key] for key in keys]


def talk(line: str) -> None:
    """Say on a terminal how far a long measurement has come."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr)
