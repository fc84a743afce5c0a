"""The configuration file: what is accepted, what is refused and where, and edits that keep the rest."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from slm.config import KEYS, SECTIONS, Config, RedactPattern, describe, example
from slm.errors import ConfigInvalid

ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return Config.load(path)


def refusal(path: Path, text: str) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as caught:
        load(path, text)
    return caught.value


def test_no_file_gives_the_documented_defaults(path) -> None:
    """Specification: the keys and defaults of the brief."""
    config = Config.load(path)

    assert config == Config.load(None) == Config()
    assert (config.profile, config.embed.model, config.embed.threads, config.embed.query_cache) == (
        "default", "bundled", 0, 256,
    )  # fmt: skip
    assert (config.recall.limit, config.recall.metric, config.recall.min_confidence) == (5, "fisher-rao", 0.088)
    assert (config.remember.redact, config.remember.redact_patterns, config.store.map_gib) == (True, (), 64)
    assert (config.daemon.idle_exit_minutes, config.daemon.request_timeout_s) == (0, 10.0)
    assert (config.trust.cli, config.trust.agent, config.trust.watch, config.trust.imported) == (0.9, 0.6, 0.7, 0.6)


def test_there_are_fewer_than_thirty_keys() -> None:
    """Specification: trust.md."""
    assert len(KEYS) < 30


def test_a_file_changes_the_keys_it_names_and_no_others(path) -> None:
    """Specification."""
    config = load(path, 'profile = "work"\n[recall]\nlimit = 9\n[trust]\nimport = 1\n')

    changed = {key for key in KEYS if config.get(key) != Config().get(key)}
    assert changed == {"profile", "recall.limit", "trust.import"}
    assert config.get("recall.limit") == 9
    assert config.trust.imported == 1.0


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "[recall]\n", "\ufeffprofile = 'default'\n"])
def test_empty_files_and_a_byte_order_mark_are_fine(path, text) -> None:
    """Specification: nothing set, nothing changed."""
    assert load(path, text) == Config()


@pytest.mark.parametrize(
    ("text", "message", "line", "hint"),
    [
        ("[recall]\n\n# a remark\nlimits = 3\n", "unknown key 'recall.limits'", 4, "did you mean 'recall.limit'?"),
        ("[recal]\nlimit = 3\n", "unknown section [recal]", 1, "did you mean [recall]?"),
        ("limit = 3\n", "unknown key 'limit'", 1, "did you mean 'recall.limit'?"),
        ("\nrecall = 3\n", "'recall' is a section", 2, "write [recall] on a line of its own, its keys below"),
        ("zzz = 3\n", "unknown key 'zzz'", 1, "slm config example lists every key"),
        ("[zzz]\na = 3\n", "unknown section [zzz]", 1, "slm config example lists every section"),
        ("[[recall]]\nlimit = 3\n", "'recall' is a section", 1, "write [recall] on a line of its own, its keys below"),
        (
            "[embed]\nmodel = '''\nbundled\n'''\nthread = 2",
            "unknown key 'embed.thread'",
            5,
            "did you mean 'embed.threads'?",
        ),
        ('"recall".limit = 0\n', "recall.limit can't be 0", 1, "allowed: a whole number from 1 to 1000"),
        ("[recall]\nlimit = @\n", "not TOML: Invalid value", 2, None),
    ],
)
def test_an_error_names_the_line_and_suggests_the_likely_meaning(path, text, message, line, hint) -> None:
    """Specification: unknown key -> ConfigInvalid naming file:line, with a suggestion."""
    error = refusal(path, text)

    assert (error.message, error.hint) == (message, hint)
    assert error.where == {"file": f"{path}:{line}"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("profile", ""), ("profile", "../x"), ("profile", ".hidden"), ("profile", 3), ("profile", "a" * 65),
        ("embed.model", " "), ("embed.model", "a\0b"), ("embed.threads", -1), ("embed.threads", True),
        ("embed.threads", 1.5), ("embed.query_cache", -1), ("recall.limit", 0), ("recall.limit", 1001),
        ("recall.limit", False), ("recall.metric", "euclid"), ("recall.metric", ["cosine"]),
        ("recall.min_confidence", 1.01), ("recall.min_confidence", -0.1), ("recall.min_confidence", True),
        ("recall.min_confidence", float("nan")), ("remember.redact", 1), ("remember.redact", "yes"),
        ("remember.redact_patterns", "abc"), ("remember.redact_patterns", [3]), ("remember.redact_patterns", ["("]),
        ("remember.redact_patterns", [{"name": "x"}]), ("remember.redact_patterns", [{"name": "A b", "pattern": "x"}]),
        ("remember.redact_patterns", [{"name": "x", "pattern": "x", "flags": "i"}]),
        ("store.map_gib", 0), ("store.map_gib", 2.0), ("daemon.idle_exit_minutes", -5),
        ("daemon.request_timeout_s", 0), ("daemon.request_timeout_s", float("inf")), ("trust.cli", 2),
        ("trust.cli", 10**400),
        ("trust.import", "high"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_or_range_is_refused_with_what_is_allowed(key, value) -> None:
    """Specification: says what is allowed."""
    with pytest.raises(ConfigInvalid) as caught:
        Config.load(None, {key: value})

    assert caught.value.message.startswith(f"{key} can't be ")
    assert (caught.value.hint or "").startswith("allowed: ")


def test_the_allowed_values_are_accepted_at_their_limits() -> None:
    """Specification: the ranges are inclusive."""
    config = Config.load(None, {"recall.limit": 1000, "recall.min_confidence": 0, "trust.cli": 1, "embed.threads": 256})

    assert (config.recall.limit, config.recall.min_confidence, config.trust.cli, config.embed.threads) == (
        1000, 0.0, 1.0, 256,
    )  # fmt: skip


def test_overrides_win_over_the_file_and_may_be_typed_text(path) -> None:
    """Specification: load(path, overrides)."""
    path.write_text("[recall]\nlimit = 9\n", encoding="utf-8")

    config = Config.load(path, {"recall.limit": "7", "remember.redact": "false", "profile": "7"})

    assert (config.recall.limit, config.remember.redact, config.profile) == (7, False, "7")


def test_an_unknown_override_names_the_option() -> None:
    """Specification: unknown keys are errors wherever they come from."""
    with pytest.raises(ConfigInvalid) as caught:
        Config.load(None, {"recall.limt": 3})

    assert caught.value.where == {"option": "recall.limt = 3"}
    assert caught.value.hint == "did you mean 'recall.limit'?"


def test_patterns_are_regular_expressions_or_named_tables(path) -> None:
    """Specification: {name, pattern} tables or regex strings."""
    config = load(path, "[remember]\nredact_patterns = ['B-\\d+', {name = \"badge\", pattern = 'C-\\d+'}]\n")

    assert config.remember.redact_patterns == (RedactPattern("custom", r"B-\d+"), RedactPattern("badge", r"C-\d+"))


def test_get_knows_every_key_and_refuses_others() -> None:
    """Specification: get(dotted)."""
    assert [Config().get(each.key) for each in describe()] == [each.default for each in describe()]
    with pytest.raises(ConfigInvalid, match="unknown key 'recall'"):
        Config().get("recall")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"profile = '\xe4'\n"])
def test_bytes_that_are_no_utf8_are_refused(path, content) -> None:
    """Specification: TOML is UTF-8."""
    path.write_bytes(content)

    with pytest.raises(ConfigInvalid, match="not UTF-8"):
        Config.load(path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path) -> None:
    """Specification: errors are raised, not passed over."""
    with pytest.raises(ConfigInvalid, match="can't be read"):
        Config.load(tmp_path)


def test_a_deeply_nested_value_is_an_error_and_no_crash(path) -> None:
    """Specification: users' mistakes never show a traceback."""
    refusal(path, "a = " + "[" * 20_000 + "]" * 20_000)


# The example file


def test_the_committed_example_file_is_the_generated_one() -> None:
    """Pinned: config.example.toml is written by slm.config.example."""
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == example()


def test_the_example_loads_to_the_defaults_with_and_without_its_comment_signs(path) -> None:
    """Specification: every key stands there at its default."""
    bare = "\n".join(line[2:] if " = " in line and "name = " not in line else line for line in example().split("\n"))

    assert load(path, example()) == Config()
    assert load(path, bare) == Config()
    assert len(dict(flattened(tomli.loads(bare)))) == len(KEYS)


def test_the_example_explains_every_key() -> None:
    """Specification: docstring per key used to generate the file."""
    for each in describe():
        assert f"# {each.doc}\n# {each.key.rpartition('.')[2]} = " in example()
        assert each.doc.endswith(".")
        assert each.type in ("text", "integer", "number", "true or false", "list")


# Edits


def flattened(document: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Oracle: dotted keys of a TOML document."""
    pairs = []
    for name, value in document.items():
        nested = isinstance(value, dict) and not prefix
        pairs += flattened(value, f"{name}.") if nested else [(prefix + name, value)]
    return pairs


def test_set_makes_the_file_private_and_its_folder_too(tmp_path) -> None:
    """Specification: files 0600, folders 0700."""
    path = tmp_path / "slm" / "config.toml"

    config = Config.set(path, "recall.limit", "7")

    assert config.recall.limit == 7
    assert path.read_text() == "[recall]\nlimit = 7\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("[recall]\nlimit=3 # mine\n", "recall.limit", 8, "[recall]\nlimit = 8 # mine\n"),
        ("[recall]\n  limit = 3\t# a # b\n", "recall.limit", 8, "[recall]\n  limit = 8\t# a # b\n"),
        ("[recall]\nmetric = \"cosine\"\n", "recall.limit", 8, "[recall]\nmetric = \"cosine\"\nlimit = 8\n"),
        ("[recall]\n\n# end\n[trust]\n", "recall.limit", 8, "[recall]\nlimit = 8\n\n# end\n[trust]\n"),
        ("[recall]\n# limit = 5\n# more\n", "recall.limit", 8, "[recall]\n# limit = 5\nlimit = 8\n# more\n"),
        ("[trust]\ncli = 1", "recall.limit", 8, "[trust]\ncli = 1\n\n[recall]\nlimit = 8\n"),
        ("[trust]\ncli = 1\n", "profile", "w", "profile = \"w\"\n[trust]\ncli = 1\n"),
        ("profile = \"a#b\"\n", "recall.limit", 8, None),
        ("profile = \"a\"  # x\r\n[recall]\r\n", "profile", "b", "profile = \"b\"  # x\r\n[recall]\r\n"),
        ("recall.limit = 3\n", "recall.limit", 8, "recall.limit = 8\n"),
        ("trust.cli = 1\n\n# x\n", "trust.import", 0.5, "trust.cli = 1\ntrust.import = 0.5\n\n# x\n"),
        ("[remember]\nredact_patterns = [\n  'a', # one\n  'b',\n] # two\nredact = true\n", "remember.redact_patterns",
         ["#"], "[remember]\nredact_patterns = [\"#\"] # two\nredact = true\n"),
        ("[ recall ]\nlimit = 1", "recall.limit", 8, "[ recall ]\nlimit = 8"),
    ],
)  # fmt: skip
def test_set_changes_one_line_and_keeps_the_rest(path, before, key, value, after) -> None:
    """Specification: keeping comments and other lines."""
    path.write_bytes(before.encode())
    if after is None:
        with pytest.raises(ConfigInvalid):
            Config.set(path, key, value)
        after = before
    else:
        Config.set(path, key, value)

    assert path.read_bytes().decode() == after


def test_set_refuses_an_invalid_value_and_leaves_the_file(path) -> None:
    """Specification."""
    path.write_text("[recall]\nlimit = 3\n")

    with pytest.raises(ConfigInvalid, match=r"recall\.limit can't be"):
        Config.set(path, "recall.limit", "many")

    assert path.read_text() == "[recall]\nlimit = 3\n"


def test_set_refuses_to_edit_an_inline_table_and_says_what_to_write(path) -> None:
    """Specification: an edit that can't be checked isn't made."""
    path.write_text("recall = {limit = 3, metric = 'cosine'}\n")

    with pytest.raises(ConfigInvalid) as caught:
        Config.set(path, "recall.limit", 4)

    assert caught.value.hint == "write limit = 4 into the file yourself"
    assert path.read_text() == "recall = {limit = 3, metric = 'cosine'}\n"


def test_set_refuses_a_file_that_is_wrong_already(path) -> None:
    """Specification: the error names the wrong line, not the new key."""
    path.write_text("[recall]\nlimits = 3\n")

    with pytest.raises(ConfigInvalid, match=r"unknown key 'recall\.limits'"):
        Config.set(path, "recall.limit", 4)


def test_set_follows_a_symbolic_link(tmp_path) -> None:
    """Specification: dotfile folders link their configuration."""
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("")
    link.symlink_to(real)

    Config.set(link, "profile", "work")

    assert link.is_symlink()
    assert real.read_text() == 'profile = "work"\n'


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path) -> None:
    """Specification: users' mistakes never show a traceback."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigInvalid):
        Config.set(tmp_path / "file" / "config.toml", "profile", "work")


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "profile": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    "embed.model": st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1).filter(
        lambda text: text.strip()
    ),
    "recall.limit": st.integers(1, 1000),
    "recall.metric": st.sampled_from(["cosine", "fisher-rao"]),
    "recall.min_confidence": st.floats(0, 1),
    "remember.redact": st.booleans(),
    "remember.redact_patterns": st.lists(st.sampled_from(["a", "#", "[\"'\\]]+", "\\d{3}", "x\ty"]), max_size=3),
    "trust.import": st.floats(0, 1),
}
CHANGES = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda key: st.tuples(st.just(key), VALUES[key])), min_size=1, max_size=6
)
STARTS = [
    "",
    "# mine\n",
    example(),
    "[recall]\n# limit = 5\n\n[trust] # t\nimport = 0.5 # was 0.6\n",
    "embed.threads = 1\n",
]


@given(st.sampled_from(STARTS), CHANGES)
def test_after_any_edits_the_file_says_what_was_set_and_every_remark_is_still_there(
    tmp_path_factory, start, changes
) -> None:
    """Oracle: a dict, and the remarks of the file before."""
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(start, encoding="utf-8")
    wanted = dict(flattened(tomli.loads(start)))
    for key, value in changes:
        Config.set(path, key, value)
        wanted[key] = value

    text = path.read_bytes().decode()
    assert dict(flattened(tomli.loads(text))) == wanted
    assert [line for line in start.split("\n") if line.startswith("#")] == [
        line for line in text.split("\n") if line.startswith("#") and line in start.split("\n")
    ]
    assert all(remark in text for remark in ("# t", "# was 0.6") if remark in start)


@given(st.text(max_size=60))
def test_any_text_loads_or_is_refused_as_config(tmp_path_factory, text) -> None:
    """Specification: nothing but ConfigInvalid."""
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(ConfigInvalid):
        Config.load(path)


def test_the_sections_are_those_of_the_keys() -> None:
    """Pinned."""
    assert {key.partition(".")[0] for key in KEYS if "." in key} == set(SECTIONS)
