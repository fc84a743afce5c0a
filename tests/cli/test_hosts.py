"""One app, two hosts: the same command line gives the same bytes, or is left to the client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slm import __version__
from slm.cli.context import Parts
from slm.errors import BY_KIND, InvalidInput, NotFound, SlmError
from tests.cli.canned import answer, hit, memory, refusal, why_of

STORED = {"id": "k3m9q0000000", "status": "stored", "similar": [], "conflicts": [], "supersedes": [], "redacted": []}
ANSWERS = {
    "remember": STORED,
    "recall": answer(
        hit(), hit(id="p7d2x0000000", text="old \x1b[31m漢字", superseded_by="k3m9q0000000", flags=["superseded"])
    ),
    "why": why_of,
    "show": {"memories": [memory(), memory("p7d2x0000000", "other")]},
    "list": {"memories": [memory(), memory("p7d2x0000000", "other")], "next": None},
    "used": {"used": ["k3m9q0000000"]},
    "correct": {"id": "k3m9q0000000", "replaced": "p7d2x0000000", "from": None},
    "tag": {"id": "k3m9q0000000", "tags": ["net"]},
    "pin": {"pinned": ["k3m9q0000000"]},
    "unpin": {"unpinned": ["k3m9q0000000"]},
    "forget": {"forgotten": [memory()], "dry_run": False},
    "status": {"version": "0.1.0", "pid": 1, "memories": {"live": 3}, "uptime_s": 5},
    "stats": {"by_kind": {"note": 3}, "words": 12},
    "log": {
        "entries": [{"seq": 7, "time": "t", "actor": "cli", "op": "pin", "summary": "k3m9q", "hash": "ab"}],
        "next": None,
    },
    "profiles": {"profiles": [{"name": "default", "memories": 3, "disk_bytes": 4096}]},
    "profile_create": {"name": "work"},
    "scopes": {"scopes": [{"name": "global", "memories": 3}], "current": "global"},
    "scope_rename": {"renamed": 2},
    "undo": {"entry": 7, "op": "pin", "time": "t", "summary": "k3m9q", "undone": False},
}  # fmt: skip
PLAIN = [
    "remember the API listens on 5433", "recall which port -n 3", "recall --why port", "why k3m9q",
    "why k3m9q --for which port -n 1", "why --last", "show k3m9q",
    "show k3m9q --history", "list", "list --ids --tag net", "used k3m9q p7d2x", "correct k3m9q the right text",
    "tag k3m9q +net -old", "pin k3m9q", "unpin k3m9q", "forget k3m9q", "status", "stats", "log -n 5", "profile list",
    "profile create work", "scope list", "scope rename a b", "undo --dry-run",
]  # fmt: skip
LOCAL = [
    "", "--version", "--help", "recall --help", "config --help", "nosuch", "recall --nosuch x", "recall -n many x",
    "why k3m9q --for -",
    "config", "profile", "--timeout soon status", "--profile", "show", "remember --batch x.jsonl",
    "remember --kind odd x", "list --limit 0", "list -n 100000", "log -n 0", "log --verify", "forget --tag net",
    "forget --mentions Anna", "undo", "undo 7", "correct k3m9q", "profile delete work", "import x --from jsonl",
    "export", "config show", "config get recall.limit", "config set recall.limit 3", "config path", "config check",
    "config example", "daemon start", "daemon stop", "daemon logs", "daemon run", "doctor", "bench recall",
    "remember -", "remember k3 --help",
]  # fmt: skip


@pytest.mark.parametrize("line", PLAIN)
@pytest.mark.parametrize("extra", [[], ["--json"], ["--quiet"]])
def test_both_hosts_say_the_same(line, extra, client, daemon):
    here = client(*line.split(), *extra, answers=ANSWERS)
    there = daemon(*line.split(), *extra, answers=ANSWERS)

    assert (there.stdout, there.stderr, there.code) == (here.stdout, here.stderr, here.code)
    assert there.calls == here.calls
    assert here.code == 0


@pytest.mark.parametrize("line", PLAIN)
def test_json_is_a_document_a_line_and_nothing_else(line, daemon):
    ran = daemon(*line.split(), "--json", answers=ANSWERS)

    assert all(isinstance(json.loads(each), dict) for each in ran.stdout.splitlines())
    assert ran.stdout
    assert not ran.stderr


@pytest.mark.parametrize("line", LOCAL)
def test_what_asks_prints_help_or_reads_files_is_left_to_the_client(line, daemon):
    """No operation that changes anything may have been called by then."""
    ran = daemon(*line.split(), answers=ANSWERS)

    assert not ran.reply
    assert ran.calls == []


@pytest.mark.parametrize("kind", sorted(BY_KIND))
@pytest.mark.parametrize("line", ["recall x", "remember x"])
def test_an_error_has_its_own_exit_code_in_both_hosts(kind, line, either):
    ran = either(*line.split(), answers={line.split()[0]: refusal(BY_KIND[kind])})

    assert ran.code == BY_KIND[kind].exit_code
    assert ran.stdout == ""
    assert ran.stderr == "slm: error: it failed\n  fix: mend it\n"


def test_an_unknown_id_ends_with_4(either):
    assert either("show", "zzzzz", answers={"show": NotFound("no memory zzzzz")}).code == 4


def test_an_error_is_json_where_json_was_asked_for(either):
    ran = either("--json", "recall", "x", answers={"recall": refusal(NotFound)})

    assert json.loads(ran.stderr) == {"error": {"type": "not_found", "message": "it failed", "hint": "mend it"}}
    assert ran.stdout == ""


def test_quiet_keeps_errors(either):
    assert either("--quiet", "recall", "x", answers={"recall": refusal(NotFound)}).stderr


def test_an_error_cannot_act_on_the_terminal(either):
    ran = either("show", "x", answers={"show": NotFound("no memory \x1b[2J", where={"at": "\x07"})})

    assert ran.stderr == "slm: error: no memory \\x1b[2J\n  at: \\x07\n"


@pytest.mark.parametrize(
    "wrong", ["--nosuch recall", "recall --nosuch x", "recall -n many x", "nosuch", "show", "remember --kind odd x"]
)
def test_wrong_usage_ends_with_2_and_names_the_help(wrong, client):
    ran = client(*wrong.split())

    assert ran.code == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("slm: error: ")
    assert "--help" in ran.stderr.splitlines()[1]


def test_wrong_usage_is_json_where_json_was_asked_for(client):
    error = json.loads(client("recall", "--nosuch", "x", "--json").stderr)["error"]

    assert error["type"] == "usage"
    assert "--nosuch" in error["message"]


def test_a_wrong_global_option_is_json_too(client):
    ran = client("--json", "--timeout", "soon", "status")

    assert ran.code == 2
    assert json.loads(ran.stderr)["error"]["type"] == "usage"


def test_a_word_that_looks_like_an_option_is_explained(client):
    assert "go after --" in client("remember", "use", "--force-with-lease").stderr


def test_words_after_a_double_dash_are_text(either):
    ran = either("remember", "--", "use", "--json", "-x", answers=ANSWERS)

    assert ran.calls == [("remember", {"text": "use --json -x"})]


def test_the_caller_is_whoever_asks_from_wherever(either):
    ran = either("--profile", "work", "status", "--scope", "acme", answers=ANSWERS)
    _, _, caller = ran.fake.asked[0]

    assert (caller.actor, caller.profile, caller.scope, caller.zone) == ("cli", "work", "acme", "Europe/Berlin")


def test_the_folder_travels(daemon, client, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert daemon("status", answers=ANSWERS, cwd="/x").fake.asked[0][2].cwd == "/x"
    assert client("status", answers=ANSWERS).fake.asked[0][2].cwd == str(tmp_path)
    assert daemon("status", answers=ANSWERS, cwd="").fake.asked[0][2].cwd is None


def test_a_folder_that_was_deleted_is_no_folder(client, monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert client("status", answers=ANSWERS).fake.asked[0][2].cwd is None


def test_a_bug_in_the_client_shows_its_traceback_and_ends_with_70(client):
    ran = client("recall", "x", answers={"recall": ZeroDivisionError("bug")})

    assert ran.code == 70
    assert "Traceback" in ran.stderr
    assert "ZeroDivisionError: bug" in ran.stderr


def test_a_bug_is_json_where_json_was_asked_for(either):
    ran = either("recall", "x", "--json", answers={"recall": ZeroDivisionError("bug")})

    assert ran.code == 70
    assert json.loads(ran.stderr)["error"]["type"] == "internal"


def test_a_bug_in_the_daemon_goes_to_its_log(daemon, capsys):
    ran = daemon("recall", "x", answers={"recall": ZeroDivisionError("bug")})

    assert ran.code == 70
    assert "ZeroDivisionError: bug" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupted_command_ends_with_130(client):
    assert client("recall", "x", answers={"recall": KeyboardInterrupt()}).code == 130


def test_the_version_is_printed_and_nothing_asked(client):
    ran = client("--version")

    assert (ran.stdout, ran.code, ran.calls) == (f"slm {__version__}\n", 0, [])


def test_help_lists_every_command_under_its_heading(client):
    shown = client("--help").stdout

    for name in ("Everyday", "remember", "recall", "forget", "import", "doctor", "daemon", "bench", "--profile"):
        assert name in shown


def test_slm_alone_on_a_terminal_shows_the_first_steps(client):
    ran = client(terminal=True)

    assert ran.code == 0
    assert ran.stdout.count("slm r") + ran.stdout.count("slm --help") == 4
    assert "slm remember" in ran.stdout


def test_slm_alone_in_a_script_is_wrong_usage(client):
    assert client().code == 2


@pytest.mark.parametrize("name", ["config", "profile", "scope", "daemon"])
def test_a_group_alone_is_wrong_usage(name, client):
    ran = client(name)

    assert (ran.code, ran.stderr) == (2, f"slm: error: {name}: which command?\n  fix: slm {name} --help\n")


def test_a_pipe_gets_no_colour_and_a_terminal_does(daemon):
    pipe = daemon("recall", "x", answers=ANSWERS, env={"NO_COLOR": ""})
    terminal = daemon("recall", "x", answers=ANSWERS, env={"NO_COLOR": ""}, width=80)

    assert "\x1b[" not in pipe.stdout
    assert terminal.stdout.startswith("\x1b[1mk3m9q\x1b[0m")


@pytest.mark.parametrize(("argv", "env"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})])
def test_a_terminal_gets_no_colour_where_none_is_wanted(argv, env, daemon):
    ran = daemon("recall", "x", *argv, answers=ANSWERS, env={"NO_COLOR": "", **env}, width=80)

    assert "\x1b" not in ran.stdout + ran.stderr


def test_colour_can_be_forced_into_a_pipe(daemon):
    assert "\x1b[" in daemon("recall", "x", answers=ANSWERS, env={"NO_COLOR": "", "FORCE_COLOR": "1"}).stdout


def test_a_hostile_memory_reaches_no_stream_as_it_is(either):
    for extra in ([], ["--json"]):
        ran = either("recall", "x", *extra, answers=ANSWERS)
        assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("width", "widest"), [(10, 40), (40, 40), (80, 80), (1000, 200)])
def test_the_layout_stays_within_widths_it_is_made_for(width, widest, daemon):
    long = answer(hit(text="word " * 300))
    ran = daemon("recall", "x", answers={"recall": long}, width=width)

    assert max(len(line) for line in ran.stdout.splitlines()[:-1]) in range(widest - 6, widest + 1)


def test_the_reader_gone_is_no_error(tmp_path):
    """A real pipe: ``slm list | head -n 1``."""
    program = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from slm.cli.hosts import in_client\n"
        "m = {'id': 'k3m9q0000000', 'text': 'x' * 9000, 'observed_at': '2024-11-03'}\n"
        "page = {'memories': [m] * 500, 'next': '1'}\n"
        "sys.exit(in_client(['list', '--limit', '0'], call=lambda op, fields, caller: page))\n"
    )
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen([sys.executable, "-c", program, root], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate()

    assert first.startswith(b"k3m9q")
    assert (process.returncode, errors) == (141, b"")


def test_the_daemon_is_served_by_a_higher_layer(client):
    seen = []

    def serve(options):
        seen.append(options.profile)
        return 0

    assert client("daemon", "run", "--profile", "work", parts=Parts(serve=serve)).code == 0
    assert seen == ["work"]


def test_json_before_the_verb_reaches_a_benchmark_too(client):
    """experience.md, Language: every command takes --json, wherever it stands."""
    ran = []

    def bench(argv):
        ran.append(argv)
        return 0

    client("--json", "bench", "scan", parts=Parts(bench=bench))
    client("--json", "bench", "scan", "--json", parts=Parts(bench=bench))

    assert ran == [["scan", "--json"], ["scan", "--json"]]


def test_benchmarks_get_their_arguments_as_they_are(client):
    seen = []

    def bench(argv):
        seen.append(argv)
        return 5

    assert client("bench", "recall", "--json", "--help", "-x", parts=Parts(bench=bench)).code == 5
    assert seen == [["recall", "--json", "--help", "-x"]]


def test_what_no_layer_brings_is_refused(client):
    assert client("bench").code == InvalidInput.exit_code


def test_every_error_of_the_engine_is_an_slm_error():
    """The table of exit codes in the README is that of slm.errors."""
    assert {error.exit_code for error in BY_KIND.values()} == {2, 3, 4, 6, 7, 8, 9, SlmError.exit_code}
