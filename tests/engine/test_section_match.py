from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slm.engine.noted_files import Section
from slm.engine.section_match import continued

SECTIONS = st.lists(
    st.builds(Section, st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), st.sampled_from(["", "h", "i"])),
    max_size=6,
)


def _section(digest: str, body: str = "", headings: str = "") -> Section:
    return Section(digest, body, headings)


def test_what_says_the_same_is_the_same_wherever_it_stands() -> None:
    """The digest of everything is the surest sign."""
    old = [_section("a", "x", "h"), _section("b", "y", "i")]

    assert continued(old, [old[1], old[0]]) == [1, 0]


def test_an_edited_text_is_known_by_its_headings() -> None:
    """Also the text above the first heading, which has none."""
    old = [_section("a", "x"), _section("b", "y", "h")]

    assert continued(old, [_section("c", "z"), _section("d", "w", "h")]) == [0, 1]


def test_a_renamed_heading_is_known_by_the_text_below() -> None:
    """But not by having none: two bare headings have nothing in common."""
    assert continued([_section("a", "x", "h")], [_section("b", "x", "i")]) == [0]
    assert continued([_section("a", "", "h")], [_section("b", "", "i")]) == [None]


def test_sections_of_one_heading_keep_their_order() -> None:
    """A list of "## Notes" is told apart by position alone."""
    old = [_section("a", "x", "h"), _section("b", "y", "h")]

    assert continued(old, [_section("c", "z", "h"), _section("b", "y", "h"), _section("d", "w", "h")]) == [0, 1, None]


@given(old=SECTIONS, new=SECTIONS)
def test_each_old_section_is_continued_at_most_once(old: list[Section], new: list[Section]) -> None:
    """And everything that says the same is, as often as both have it."""
    links = continued(old, new)

    taken = [link for link in links if link is not None]
    assert len(taken) == len(set(taken))
    for digest in "abc":
        both = min(sum(section.digest == digest for section in each) for each in (old, new))
        kept = sum(
            link is not None and old[link].digest == section.digest == digest
            for link, section in zip(links, new, strict=True)
        )
        assert kept == both
