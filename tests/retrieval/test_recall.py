from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY, Kernels, compiled
from slm.geometry.normal import PooledMoments
from slm.model import HeadFlag
from slm.retrieval import recall
from slm.retrieval.author_circle import OUTSIDE
from slm.retrieval.columns import DTYPES, Columns
from slm.retrieval.context import DECAY, OF_A_QUESTION, REACH, SHORT_WORDS
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.phrases import PhrasesChannel
from slm.retrieval.question import Query
from slm.retrieval.ranking import Ranking
from slm.retrieval.recall import FIRST_DAY, Ranker
from slm.retrieval.semantic import Epoch, SemanticChannel, quantise
from slm.retrieval.session_order import SessionOrder
from slm.retrieval.standings import SCREENING
from slm.retrieval.temporal import Interval
from slm.retrieval.text_features import ENDS_AS_QUESTION, SHORT_QUESTION, TELLS_A_TIME
from slm.retrieval.weights import DEFAULT_WEIGHTS

DIMS = 16
WORDS = ["port", "api", "olive", "ana", "backup", "night"]
ANA, USER = 1, 2
DAY_NS = 86_400 * 10**9
COMPILED = compiled()


class World:
    """Memories of one or several chunks, each a vector, some words and tokens, some in sessions, and a ranker."""

    def __init__(self, sizes: list[int], seed: int) -> None:
        draw = np.random.default_rng(seed)
        n, n_chunks = len(sizes), sum(sizes)
        rows = draw.standard_normal((n_chunks, DIMS))
        self.rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
        self.terms = [[WORDS[i] for i in draw.integers(len(WORDS), size=draw.integers(1, 6))] for _ in range(n_chunks)]
        self.chunks = np.split(np.arange(n_chunks), np.cumsum(sizes)[:-1]) if sizes else []
        heads = np.zeros(n, np.dtype(list(DTYPES.items())))
        heads["n_chunks"], heads["first_chunk"] = sizes, np.cumsum([0, *sizes])[:n]
        heads["flags"] = draw.choice([0, HeadFlag.SUPERSEDED], size=n)
        heads["n_words"] = draw.integers(0, 60, n)
        heads["speaker"], heads["session"] = draw.integers(0, 4, n), draw.integers(0, 3, n)
        heads["observed_ns"] = draw.integers(0, 40, n) * DAY_NS
        heads["features"] = draw.integers(0, 8, n)
        self.columns = Columns(heads)
        self.lexical = LexicalIndex(kernels=NUMPY)
        for i, terms in enumerate(self.terms):
            self.lexical.add(i, terms)
        epoch = Epoch.publish(1, PooledMoments.zero(DIMS).add(self.rows))
        self.semantic = SemanticChannel(epoch, NUMPY, *quantise(self.rows), self.rows)
        n_tokens = draw.integers(1, 5, n_chunks)
        self.tokens = draw.integers(0, 256, (int(n_tokens.sum()), DIMS // 8)).astype(np.uint8)
        self.ends = np.cumsum(n_tokens).astype(np.uint64)
        self.phrases = PhrasesChannel(self.tokens, self.ends, NUMPY)
        self.sessions = SessionOrder(heads["scope"], heads["session"], heads["observed_ns"])
        vector = draw.standard_normal(DIMS)
        self.query = Query(
            (vector / np.linalg.norm(vector)).astype(np.float32),
            ["port", "api"],
            draw.standard_normal((3, DIMS)).astype(np.float32),
            np.array([0.5, 0.3, 0.2]),
            author=ANA,
            user=USER,
            asks_when=True,
            days=[Interval(FIRST_DAY + 9, FIRST_DAY + 12, 14.0, 4.0)],
        )

    def use_kernels(self, kernels: Kernels) -> None:
        self.lexical.kernels = kernels
        self.semantic = self.semantic.with_kernels(kernels)
        self.phrases = PhrasesChannel(self.tokens, self.ends, kernels)

    @property
    def ranker(self) -> Ranker:
        return Ranker(self.columns, self.semantic, self.lexical, self.phrases, self.sessions)

    def rank(self, eligible: list[bool] | None = None, limit: int = 5) -> Ranking:
        mask = np.ones(len(self.chunks), bool) if eligible is None else np.array(eligible, bool)
        return self.ranker.rank(self.query, mask, limit)


class Oracle:
    """The definition of a score, a memory at a time."""

    def __init__(self, world: World, eligible: list[bool]) -> None:
        self.world, self.head = world, world.columns
        self.eligible = [i for i, shown in enumerate(eligible) if shown]
        everything = range(len(world.chunks))
        self.proxies = [self._base(i, exact=False) for i in everything]
        self.exacts = [self._base(i, exact=True) for i in everything]
        self.means = {
            name: np.mean([self.proxies[i][name] for i in self.eligible]) for name in ("meaning", "words", "phrases")
        }

    def _base(self, memory: int, *, exact: bool) -> dict[str, float]:
        world, chunks = self.world, self.world.chunks[memory]
        words = world.lexical.scores(world.query.terms)
        screened = world.semantic.screen(world.query.vector)[chunks]
        meaning = world.semantic.exact(world.query.vector, world.rows[chunks]) if exact else screened
        return {
            "meaning": float(meaning.max()),
            "words": max(float(words.scores[c]) / words.mass for c in chunks),
            "phrases": float(world.phrases.exact(world.query.states, world.query.shares, chunks).max()),
            "length": math.log(len(chunks)),
        }

    def base(self, memory: int, *, exact: bool = False) -> float:
        if memory not in self.eligible:
            return 0.0
        raw = (self.exacts if exact else self.proxies)[memory]
        return sum(DEFAULT_WEIGHTS[name] * (value - self.means.get(name, 0.0)) for name, value in raw.items())

    def gate(self, memory: int) -> float:
        return min(1.0, SHORT_WORDS / max(1, int(self.head["n_words"][memory])))

    def asked(self, memory: int) -> float:
        return OF_A_QUESTION if self.head["features"][memory] & ENDS_AS_QUESTION else 1.0

    def turns(self, memory: int) -> list[int]:
        session = self.head["session"]
        members = [i for i in range(len(session)) if session[i] == session[memory] and session[i] > 0] or [memory]
        return sorted(members, key=lambda i: (self.head["observed_ns"][i], i))

    def nearby(self, memory: int, beside: list[int]) -> float:
        """What the better of the turns ``beside`` has of each word above the memory."""
        words = self.world.query.terms
        mass = self.world.lexical.scores(words).mass
        one_by_one = [self.world.lexical.scores([word]).scores / mass for word in words]
        shares = [[max(scores[c] for c in chunks) for chunks in self.world.chunks] for scores in one_by_one]
        near = [i for i in beside if i in self.eligible]
        return sum(max(0.0, max((share[i] for i in near), default=0.0) - share[memory]) for share in shares)

    def alone(self, memory: int) -> float:
        head, turns = self.head, self.turns(memory)
        place = turns.index(memory)
        before, after = turns[max(0, place - REACH) : place][::-1], turns[place + 1 : place + 1 + REACH]
        earlier = sum(DECAY**step * self.gate(i) * self.asked(i) * self.base(i) for step, i in enumerate(before))
        day = head["observed_ns"][memory] / DAY_NS
        gap = max(day - 12, 0) / 14 + max(9 - day, 0) / 4
        features = {
            "words nearby": self.gate(memory) * self.nearby(memory, before[:1] + after[:1]),
            "earlier turns": self.gate(memory) * earlier,
            "reply": self.gate(memory) * sum(DECAY**step * self.base(i) for step, i in enumerate(after)),
            "author": head["speaker"][memory] == ANA,
            "said by user": head["speaker"][memory] == USER,
            "when": bool(head["features"][memory] & TELLS_A_TIME),
            "date": 1 / (1 + gap * gap),
            "is question": bool(head["features"][memory] & SHORT_QUESTION),
        }
        return sum(DEFAULT_WEIGHTS[name] * value for name, value in features.items())

    def score(self, memory: int) -> float:
        session = [i for i in self.turns(memory) if i in self.eligible]
        best = max(self.alone(i) + self.base(i) for i in session)
        return self.alone(memory) + self.base(memory, exact=True) + DEFAULT_WEIGHTS["session"] * best


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=24)
quick = settings(max_examples=40, deadline=None)


@quick
@given(SIZES, st.integers(0, 99), st.data())
def test_the_ranking_is_the_definition_computed_the_slow_way(sizes: list[int], seed: int, data: st.DataObject) -> None:
    """Oracle: every memory's score by itself, from its chunks one by one, then sorted."""
    world = World(sizes, seed)
    eligible = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    oracle = Oracle(world, eligible) if any(eligible) else None

    ranking = world.rank(eligible)

    expected = {i: oracle.score(i) for i in oracle.eligible} if oracle else {}
    assert dict(zip(ranking.ordinals.tolist(), ranking.scores, strict=True)) == pytest.approx(expected, abs=1e-5)
    assert ranking.scores.tolist() == sorted(ranking.scores, reverse=True)
    assert ranking.n_searched == sum(eligible)


@quick
@given(SIZES, st.integers(0, 99))
def test_the_terms_sum_to_the_scores(sizes: list[int], seed: int) -> None:
    """design/retrieval.md: a score is exactly the sum of its named terms, as they are shown."""
    ranking = World(sizes, seed).rank()

    assert set(ranking.terms) == set(DEFAULT_WEIGHTS) - {"attention"}
    assert np.round(sum(ranking.terms.values()), 6).tolist() == ranking.scores.tolist()


def test_a_question_that_asks_for_nobody_and_no_time_switches_those_terms_off() -> None:
    """Terms that don't apply aren't shown as zeros."""
    world = World([1, 1], 1)
    world.query = Query(world.query.vector, ["port"], world.query.states, world.query.shares)

    assert {"author", "said by user", "when", "date"}.isdisjoint(world.rank().terms)


def test_the_lead_is_how_far_others_are_ahead_of_the_author_named() -> None:
    """design/retrieval.md, abstention: best by someone else minus best by the author named, without the flat terms;
    ARCHITECTURE.md: of the whole score without the term that follows from the name.
    """
    world = World([1] * 12, 2)

    ranking = world.rank()

    named = world.columns["speaker"][ranking.ordinals] == ANA
    unnamed = ranking.scores - ranking.terms["author"]
    assert ranking.lead == pytest.approx(unnamed[~named].max() - unnamed[named].max(), abs=1e-9)
    assert ranking.terms["author"][named].min() > 0.0


def test_weights_are_those_it_is_given() -> None:
    """An ablation is a weight of 0: the term stays and says 0."""
    world = World([1, 2, 1], 3)
    ranker = Ranker(
        world.columns, world.semantic, world.lexical, world.phrases, world.sessions, {**DEFAULT_WEIGHTS, "phrases": 0.0}
    )

    assert ranker.rank(world.query, np.ones(3, bool), 5).terms["phrases"].tolist() == [0.0] * 3


@quick
@given(SIZES, st.integers(0, 99))
def test_cosines_coverage_and_flags_belong_to_the_memory_beside_them(sizes: list[int], seed: int) -> None:
    """Oracle: loops over the chunks of each memory."""
    world = World(sizes, seed)
    ranking = world.rank()

    for place, memory in enumerate(ranking.ordinals):
        chunks = world.chunks[memory]
        rows = world.rows[chunks].astype(float)
        cosines = rows @ world.query.vector.astype(float) / np.linalg.norm(rows, axis=1)
        assert ranking.cosines[place] == pytest.approx(cosines.max(), abs=1e-6)
        held = {word: world.lexical.view().idf(word) for word in ("port", "api")}
        covered = [sum(idf for word, idf in held.items() if word in world.terms[c]) for c in chunks]
        assert ranking.coverage[place] == pytest.approx(max(covered) / sum(held.values()))
        assert ranking.superseded[place] == bool(world.columns["flags"][memory] & HeadFlag.SUPERSEDED)


@quick
@given(SIZES, st.integers(0, 99))
def test_the_terms_held_are_those_of_any_chunk(sizes: list[int], seed: int) -> None:
    """Oracle: sets. One row a distinct term of the question, sorted."""
    world = World(sizes, seed)
    ranking = world.rank()

    held = [{word for c in world.chunks[memory] for word in world.terms[c]} for memory in ranking.ordinals]
    assert ranking.held.tolist() == [[word in one for one in held] for word in ("api", "port")]


@quick
@given(SIZES, st.integers(0, 99), st.data())
def test_compiled_kernels_change_no_bit(sizes: list[int], seed: int, data: st.DataObject) -> None:
    """design/retrieval.md: the same answer whether or not the compiled kernels are loaded."""
    world, quickly = World(sizes, seed), World(sizes, seed)
    quickly.use_kernels(COMPILED)
    eligible = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))

    plain, fast = world.rank(eligible), quickly.rank(eligible)

    assert fast.ordinals.tolist() == plain.ordinals.tolist()
    assert {k: v.tobytes() for k, v in fast.features.items()} == {k: v.tobytes() for k, v in plain.features.items()}
    assert fast.phrases.tobytes() == plain.phrases.tobytes()


def test_a_pool_smaller_than_the_store_still_holds_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen decides who is computed exactly: its best must be among them."""
    world = World([1] * 400, 5)
    whole = world.rank(limit=200)
    monkeypatch.setattr(recall, "POOL", 32)

    pooled = world.rank(limit=1)

    assert len(pooled.ordinals) == 32
    assert pooled.ordinals[:10].tolist() == whole.ordinals[:10].tolist()
    assert pooled.n_searched == 400


def _compared(world: World, monkeypatch: pytest.MonkeyPatch, query: Query) -> set[int]:
    """The chunks of ``world`` whose phrases are compared, at most 40."""
    seen: list[int] = []
    exact = PhrasesChannel.exact

    def watched(self: PhrasesChannel, states: np.ndarray, shares: np.ndarray, chunks: np.ndarray) -> np.ndarray:
        seen.extend(chunks.tolist())
        return exact(self, states, shares, chunks)

    monkeypatch.setattr(recall, "PHRASED", 40)
    monkeypatch.setattr(PhrasesChannel, "exact", watched)
    world.ranker.rank(query, np.ones(len(world.chunks), bool), 5)
    return set(seen)


@pytest.mark.parametrize("size", [1, 2])
def test_half_of_the_phrases_compared_are_chosen_by_what_is_asked_for_too(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Oracle: two sorted lists. The author's weight is above all differences of meaning and words, so that the second
    is of Ana's turns alone, however many others have the question's words."""
    world = World([size] * 300, 9)
    query = replace(world.query, user=0, asks_when=False, days=())
    meaning = world.semantic.screen(query.vector)
    words = world.lexical.scores(query.terms)
    by_words = DEFAULT_WEIGHTS["meaning"] * meaning + DEFAULT_WEIGHTS["words"] * words.scores / words.mass
    features = world.ranker._asked_for(query, slice(None), np.float64)
    asked_for = np.repeat(sum(DEFAULT_WEIGHTS[name] * value for name, value in features.items()), size)

    compared = _compared(world, monkeypatch, query)

    halves = [np.argsort(-scores)[:20].tolist() for scores in (by_words, by_words + asked_for)]
    assert compared == {*halves[0], *halves[1]}
    assert (world.columns["speaker"][np.array(halves[1]) // size] == ANA).mean() > 0.9


def test_a_question_of_words_alone_compares_the_phrases_of_the_best_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for by nobody's name chooses as before."""
    world = World([1] * 300, 9)
    query = replace(world.query, author=0, user=0, asks_when=False, days=())

    assert len(_compared(world, monkeypatch, query)) == 40


def test_a_store_that_fits_has_all_its_phrases_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two halves that overlap must not leave out what there was room for."""
    world = World([1] * 40, 9)

    assert _compared(world, monkeypatch, world.query) == set(range(40))


def test_memories_outside_the_circle_of_the_author_stand_behind_those_within() -> None:
    """By definition: the author term, half of its weight less; nothing else moves."""
    world = World([1] * 20, 3)
    world.columns["session"][:] = 0  # so that nothing lends
    circle = np.arange(20) < 10
    plain = world.rank()
    world.query = replace(world.query, author_circle=circle)

    ranking = world.rank()

    given = {int(i): float(term) for i, term in zip(ranking.ordinals, ranking.terms["author"], strict=True)}
    before = {int(i): float(term) for i, term in zip(plain.ordinals, plain.terms["author"], strict=True)}
    lost = DEFAULT_WEIGHTS["author"] * OUTSIDE
    assert given == pytest.approx({i: term - (0 if circle[i] else lost) for i, term in before.items()})


def test_a_large_limit_makes_the_pool_larger() -> None:
    """At least twice as many as are asked for, so that filters after the ranking leave enough."""
    assert len(World([1] * 400, 6).rank(limit=150).ordinals) == 300


@quick
@given(SIZES, st.integers(0, 99), st.data())
def test_a_memory_ranked_beside_the_pool_has_the_score_it_has_within(
    sizes: list[int], seed: int, data: st.DataObject
) -> None:
    """Oracle: the ranking whose pool holds everything."""
    world = World(sizes, seed)
    chosen = np.array(data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, unique=True)), np.int64)
    within = world.rank()

    beside = world.ranker.beside(world.query, np.ones(len(sizes), bool), 5, chosen)

    place = {int(ordinal): i for i, ordinal in enumerate(within.ordinals)}
    places = [place[int(ordinal)] for ordinal in beside.ordinals]
    assert sorted(beside.ordinals) == sorted(chosen)
    assert beside.scores.tolist() == within.scores[places].tolist()
    assert {k: v.tolist() for k, v in beside.terms.items()} == {k: v[places].tolist() for k, v in within.terms.items()}


def test_a_memory_outside_the_pool_is_ranked_and_the_pool_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """``why --for`` asks for one that recall itself never scored exactly."""
    monkeypatch.setattr(recall, "POOL", 20)
    monkeypatch.setattr(recall, "CANDIDATES", 30)
    world = World([1] * 200, 8)
    pooled = world.rank(limit=1)
    outside = np.setdiff1d(np.arange(200), pooled.ordinals)[-1:]

    beside = world.ranker.beside(world.query, np.ones(200, bool), 1, outside)

    assert beside.ordinals.tolist() == outside.tolist()
    assert np.round(sum(beside.terms.values()), 6).tolist() == beside.scores.tolist()
    assert world.rank(limit=1).scores.tolist() == pooled.scores.tolist()
    assert beside.standings.of(outside, [SCREENING])[SCREENING][0] > 20


@quick
@given(SIZES, st.integers(0, 99))
def test_standings_in_a_channel_follow_its_terms(sizes: list[int], seed: int) -> None:
    """Oracle: sorting the terms of a pool that holds everything."""
    ranking = World(sizes, seed).rank()

    for name, ranks in ranking.standings.of(ranking.ordinals).items():
        values = ranking.features[name]
        assert ranks.tolist() == [1 + int((values > value).sum()) for value in values]


@pytest.mark.parametrize("sizes", [[], [1, 2, 3]])
def test_nothing_eligible_gives_an_empty_ranking(sizes: list[int]) -> None:
    """An empty store, or filters that exclude everything."""
    ranking = World(sizes, 1).rank([False] * len(sizes))

    assert len(ranking.ordinals) == len(ranking.scores) == ranking.n_searched == 0
    assert all(len(values) == 0 for values in ranking.terms.values())


def test_a_query_without_words_is_ranked_by_meaning_alone() -> None:
    """ "?!" has no terms: the lexical channel then has no mass to divide by."""
    world = World([1, 1, 2], 3)
    world.query = Query(world.query.vector, [], world.query.states[:0], world.query.shares[:0])

    ranking = world.rank()

    assert ranking.terms["words"].tolist() == ranking.terms["phrases"].tolist() == [0.0] * 3
    assert ranking.coverage.tolist() == [0.0] * 3
    assert np.isfinite(ranking.scores).all()


def test_sessions_that_are_not_borne_out_lend_nothing() -> None:
    """design/retrieval.md: wrong sessions can't hurt; a memory is then its own session."""
    world = World([1] * 12, 4)
    apart = World([1] * 12, 4)
    apart.columns["session"][:] = 0
    apart.sessions = SessionOrder(*(apart.columns[name] for name in ("scope", "session", "observed_ns")))
    mask = np.ones(12, bool)

    ranking = Ranker(
        world.columns, world.semantic, world.lexical, world.phrases, world.sessions, session_lift=0.0
    ).rank(world.query, mask, 5)

    assert ranking.ordinals.tolist() == apart.rank().ordinals.tolist()
    assert ranking.scores.tolist() == apart.rank().scores.tolist()


def test_attention_is_added_to_a_memory_alone_and_its_session_keeps_its_score() -> None:
    """lifecycle.md: a constant times a feature in [-1, 1], so that the sum stays additive; every other term stays."""
    world = World([1] * 30, 5)
    given = np.random.default_rng(2).uniform(-1.0, 1.0, 30)
    everything = np.ones(30, bool)
    ranker = Ranker(
        world.columns, world.semantic, world.lexical, world.phrases, world.sessions, attention=lambda at: given[at]
    )

    plain, ranking = world.rank(), ranker.rank(world.query, everything, 5)

    score_of = dict(zip(plain.ordinals.tolist(), plain.scores, strict=True))
    for ordinal, score in zip(ranking.ordinals.tolist(), ranking.scores, strict=True):
        assert score == pytest.approx(score_of[ordinal] + DEFAULT_WEIGHTS["attention"] * given[ordinal], abs=2e-6)
    place = int(ranking.ordinals[3])
    beside = ranker.beside(world.query, everything, 5, np.array([place]))
    assert beside.terms["attention"][0] == pytest.approx(0.1 * given[place], abs=1e-6)


def test_those_assured_are_ranked_however_many_others_are_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brute force: the best of all as without it, and the best of those assured with the scores of a whole ranking."""
    monkeypatch.setattr(recall, "CANDIDATES", 8)
    monkeypatch.setattr(recall, "POOL", 4)
    world = World([1] * 60, 9)
    everything = np.ones(60, bool)
    whole = world.ranker.rank(world.query, everything, 60)
    assured = np.zeros(60, bool)
    assured[whole.ordinals[-10:]] = True

    ranking = world.ranker.rank(world.query, everything, 2, assured)

    plain = world.ranker.rank(world.query, everything, 2)
    assert set(plain.ordinals.tolist()) <= set(ranking.ordinals.tolist())
    assert np.count_nonzero(assured[ranking.ordinals]) >= 4
    assert (np.diff(ranking.scores) <= 0).all()


def test_a_part_of_a_ranking_keeps_everything_of_those_kept() -> None:
    """Each value stays with its memory; what is said of the whole search stays as well."""
    ranking = World([1, 2, 1, 3], 4).rank()
    kept = np.arange(len(ranking.ordinals)) % 2 == 0
    part = ranking.only(kept)

    assert part.ordinals.tolist() == ranking.ordinals[kept].tolist()
    assert {name: values.tolist() for name, values in part.terms.items()} == {
        name: values[kept].tolist() for name, values in ranking.terms.items()
    }
    assert (part.n_searched, part.lead) == (ranking.n_searched, ranking.lead)
    assert ranking.only(np.ones(len(kept), bool)) is ranking
