"""Pages: all items, no item twice, and no more than were wanted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from slm.cli.paging import PAGE, pages


class Pager:
    """An operation that gives numbers page by page."""

    def __init__(self, total):
        self.total = total
        self.asked = []

    def call(self, op, limit, after=None, **fields):
        self.asked.append((op, limit, fields))
        start = int(after or 0)
        stop = min(start + limit, self.total)
        items = [{"n": n} for n in range(start, stop)]
        return {"items": items, "next": str(stop) if len(items) == limit else None}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 3 * PAGE), st.integers(0, 3 * PAGE))
def test_pages_hold_the_first_items_in_order(total, limit):
    """Oracle: a slice of the numbers."""
    pager = Pager(total)

    found = [item["n"] for page, _ in pages(pager, "op", "items", limit, {}) for item in page]

    assert found == list(range(total))[: limit or None]
    assert all(1 <= asked <= PAGE for _, asked, _ in pager.asked)


def test_the_last_page_says_whether_more_would_follow():
    assert [more for _, more in pages(Pager(10), "op", "items", 4, {})] == [True]
    assert [more for _, more in pages(Pager(3), "op", "items", 4, {})] == [False]


def test_filters_go_with_every_page():
    pager = Pager(PAGE + 1)

    list(pages(pager, "op", "items", 0, {"tag": ["a"]}))

    assert [fields for _, _, fields in pager.asked] == [{"tag": ["a"]}] * 2


def test_an_empty_answer_with_a_cursor_ends():
    class Stuck:
        def call(self, op, **fields):
            return {"items": [], "next": "7"}

    assert list(pages(Stuck(), "op", "items", 0, {})) == []
