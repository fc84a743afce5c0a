"""import and export: files in, files out, nothing half."""

from __future__ import annotations

import json
import os
import stat

import pytest

from slm.errors import InvalidInput, StorageRefused
from tests.cli.canned import memory, refusal
from tests.ingest.exports import SAMPLES


def storing(fields):
    """One result a record, as the engine gives them."""
    return {"results": [{"id": f"{i:012d}", "status": "stored", "redacted": []} for i, _ in enumerate(fields["batch"])]}


def jsonl(tmp_path, *records):
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(file)


def test_records_of_a_file_are_sent_in_batches_of_256(client, tmp_path):
    records = [{"text": f"note {i}"} for i in range(600)]

    ran = client("import", jsonl(tmp_path, *records), "--from", "jsonl", answers={"remember": storing})

    assert [len(fields["batch"]) for _, fields in ran.calls] == [256, 256, 88]
    assert [record for _, fields in ran.calls for record in fields["batch"]] == records
    assert ran.stderr == "600 records: 600 new\n"


def test_an_import_is_one_change_of_its_own_actor(client, tmp_path):
    """So that undo takes all of it back, and trust.import holds for it."""
    ran = client(
        "import",
        jsonl(tmp_path, *[{"text": f"note {i}"} for i in range(300)]),
        "--from",
        "jsonl",
        answers={"remember": storing},
    )

    assert len({fields["group"] for _, fields in ran.calls}) == 1
    assert {caller.actor for _, _, caller in ran.fake.asked} == {"import:jsonl"}


def test_large_records_are_sent_in_smaller_batches(client, tmp_path):
    """A message to the daemon is at most 4 MiB long."""
    ran = client(
        "import", jsonl(tmp_path, *[{"text": "x" * 1_000_000}] * 5), "--from", "jsonl", answers={"remember": storing}
    )

    assert [len(fields["batch"]) for _, fields in ran.calls] == [2, 2, 1]


def test_a_dry_run_counts_and_stores_nothing(client, tmp_path):
    file = jsonl(tmp_path, {"text": "a", "source": "plan.md", "session": "s"}, {"text": "b"})

    assert client("import", file, "--from", "jsonl", "--dry-run").stderr == (
        "would import 2 records in 1 session\n        1  plan.md\n"
    )
    ran = client("import", "-", "--from", "jsonl", "--dry-run", "--json", stdin=b'{"text": "a"}\n')
    assert json.loads(ran.stdout)["records"] == 1
    assert ran.calls == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_counted_and_sent(name, client, tmp_path):
    """Specification: the samples hold the number of memories that stands beside them."""
    file, content, expected = SAMPLES[name]
    (tmp_path / file).write_text(content)

    ran = client("import", str(tmp_path / file), "--from", name, "--dry-run", "--json")
    assert (json.loads(ran.stdout)["records"], ran.calls) == (expected, [])
    ran = client("import", str(tmp_path / file), "--from", name, answers={"remember": storing})
    assert sum(len(fields["batch"]) for _, fields in ran.calls) == expected
    assert {caller.actor for _, _, caller in ran.fake.asked} == {f"import:{name}"}


def test_an_interrupted_import_says_how_far_it_came(client, tmp_path):
    """Ctrl-C between two batches: what was acknowledged is stored, and exit code 130 says the rest."""
    file = jsonl(tmp_path, *[{"text": f"note {i}"} for i in range(300)])

    def interrupted(fields):
        if len(fields["batch"]) < 256:
            raise KeyboardInterrupt
        return storing(fields)

    ran = client("import", file, "--from", "jsonl", answers={"remember": interrupted})

    assert ran.code == 130
    assert ran.stderr == "interrupted: 256 records: 256 new; the same command goes on from there\n"


def test_what_became_of_the_records_is_counted(client, tmp_path):
    results = [
        {"id": "1", "status": "stored", "redacted": ["aws-key"]},
        {"id": "2", "status": "confirmed"},
        {"id": "3", "status": "known_wrong"},
    ]
    file = jsonl(tmp_path, *[{"text": str(i)} for i in range(3)])

    ran = client("import", file, "--from", "jsonl", answers={"remember": {"results": results}})
    assert ran.stderr == "3 records: 1 new, 1 known already, 1 corrected or forgotten before, secrets redacted in 1\n"
    ran = client("import", file, "--from", "jsonl", "--json", answers={"remember": {"results": results}})
    assert json.loads(ran.stdout) == {
        "records": 3, "stored": 1, "confirmed": 1, "known_wrong": 1, "redacted": 1,
        "weights": [],
    }  # fmt: skip


WEIGHTS_LINE = {"slm_weights": {"epoch": 3, "uses": 27}}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("restored", "weights restored, as learnt from 27 uses"),
        ("known", "weights known already"),
        ("kept", "weights left alone: this profile has learnt from 27 uses of its own"),
        ("other_terms", "weights left out: another version of slm learnt them"),
    ],
)
def test_what_an_export_says_was_learnt_is_handed_on_after_the_records(client, tmp_path, status, said):
    """experience.md: the export carries weights; a profile with learning of its own says that it kept it."""
    file = jsonl(tmp_path, {"slm_export": 1}, {"text": "a"}, WEIGHTS_LINE, {"slm_export_end": 1})
    answers = {"remember": storing, "weights_restore": {"status": status, "uses": 27}}

    ran = client("import", file, "--from", "jsonl", answers=answers)
    as_json = client("import", file, "--from", "jsonl", "--json", answers=answers)

    assert [op for op, _ in ran.calls] == ["remember", "weights_restore"]
    assert ran.calls[1][1] == {"learnt": WEIGHTS_LINE["slm_weights"]}
    assert ran.stderr.splitlines() == ["1 record: 1 new", said]
    assert json.loads(as_json.stdout)["weights"] == [status]
    assert {caller.actor for _, _, caller in ran.fake.asked} == {"import:jsonl"}


def test_weights_that_the_store_refuses_are_named_by_their_line(client, tmp_path):
    file = jsonl(tmp_path, {"slm_export": 1}, {"text": "a"}, WEIGHTS_LINE, {"slm_export_end": 1})
    answers = {"remember": storing, "weights_restore": refusal(InvalidInput, "what was learnt can't be read")}

    ran = client("import", file, "--from", "jsonl", answers=answers)

    assert ran.code == 2
    assert f"{file}:3: what was learnt can't be read" in ran.stderr


def test_a_batch_takes_the_records_of_an_export_alone(client, tmp_path):
    """remember --batch doesn't touch weights; a dry run doesn't count them."""
    file = jsonl(tmp_path, {"slm_export": 1}, {"text": "a"}, WEIGHTS_LINE, {"slm_export_end": 1})

    ran = client("remember", "--batch", file, answers={"remember": storing})

    assert [fields["batch"] for _, fields in ran.calls] == [[{"text": "a"}]]
    assert client("import", file, "--from", "jsonl", "--dry-run").stderr == "would import 1 record\n"


def test_a_wrong_line_is_named_before_anything_is_stored(client, tmp_path):
    file = jsonl(tmp_path, {"text": "a"}, {"text": "b", "kind": "odd"})

    ran = client("import", file, "--from", "jsonl", answers={"remember": storing})

    assert (ran.code, ran.calls) == (2, [])
    assert f"{file}:2: " in ran.stderr


def test_a_record_that_the_store_refuses_is_named_by_its_line(client, tmp_path):
    file = jsonl(tmp_path, *[{"text": f"note {i}"} for i in range(300)])
    error = refusal(InvalidInput, "record 3: the store knows better")

    ran = client("import", file, "--from", "jsonl", answers={"remember": [storing({"batch": range(256)}), error]})

    assert ran.code == 2
    assert f"{file}:259: the store knows better" in ran.stderr
    assert "256 records before it are stored" in ran.stderr


def test_other_errors_pass_as_they_are(client, tmp_path):
    assert (
        client(
            "import", jsonl(tmp_path, {"text": "a"}), "--from", "jsonl", answers={"remember": refusal(StorageRefused)}
        ).code
        == 8
    )


def test_records_can_come_through_a_pipe(client):
    """``ssh old slm export | slm import --from jsonl -``."""
    lines = [{"slm_export": 1, "store": "s", "created": "2024-11-03T10:00:00Z"}, memory(), {"slm_export_end": 1}]

    ran = client(
        "import",
        "-",
        "--from",
        "jsonl",
        stdin="".join(json.dumps(line) + "\n" for line in lines).encode(),
        answers={"remember": storing},
    )

    assert ran.calls[0][1]["batch"][0]["id"] == "k3m9q0000000"
    assert ran.stderr == "1 record: 1 new\n"


@pytest.fixture
def piped():
    """The name of a pipe that holds some bytes, as the shell gives it for ``<(…)``: it can be read once."""
    reading, writing = os.pipe()

    def hold(content: bytes) -> str:
        os.write(writing, content)
        os.close(writing)
        return f"/dev/fd/{reading}"

    yield hold
    os.close(reading)


@pytest.mark.parametrize("command", [("import", "--from", "jsonl"), ("import", "--from", "mem0"), ("remember",)])
def test_records_of_a_named_pipe_are_not_lost_to_a_first_count(client, piped, command):
    """``slm import <(jq … notes.json) --from jsonl``: what is read to be counted couldn't be read again."""
    place = piped(b'{"text": "a"}\n' if "mem0" not in command else b'[{"memory": "a"}]')
    verb, *rest = command
    argv = [verb, place, *rest] if rest else [verb, "--batch", place]

    ran = client(*argv, answers={"remember": storing})

    assert [record["text"] for _, fields in ran.calls for record in fields["batch"]] == ["a"]
    assert ran.stderr == "1 record: 1 new\n"


def test_a_folder_of_notes_is_read(client, tmp_path):
    (tmp_path / "2024-11-03.md").write_text(
        "# Standup\n\nAnna moves the API to port 5433, says the plan of last week.\n"
    )

    ran = client("import", str(tmp_path), "--from", "markdown", answers={"remember": storing})

    assert [record["source"] for record in ran.calls[0][1]["batch"]] == ["2024-11-03.md"]
    assert ran.fake.asked[0][2].actor == "import:markdown"


def test_what_is_passed_over_is_said_once(client, tmp_path):
    (tmp_path / "good.md").write_text("# Good\n\nA note that is long enough to be kept by itself.\n")
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe")

    ran = client("import", str(tmp_path), "--from", "markdown", answers={"remember": storing})

    assert ran.stderr.count("bad.md") == 1
    assert ran.code == 0


@pytest.mark.parametrize(
    "argv", [["x.jsonl"], ["x.jsonl", "--from", "notion"], ["--from", "jsonl"], ["nosuch", "--from", "jsonl"]]
)
def test_an_import_needs_a_file_and_a_format(argv, client):
    assert client("import", *argv).code == 2


def pages(*lines, size=2):
    answers = [{"lines": list(lines[i : i + size]), "next": str(i + size)} for i in range(0, len(lines), size)]
    answers[-1]["next"] = None
    return answers


LINES = ({"slm_export": 1}, memory(text="naïve \x1b"), memory("p7d2x0000000"), {"slm_export_end": 2})


def test_an_export_is_json_lines_page_by_page(client):
    ran = client("export", answers={"export": pages(*LINES)})

    assert [json.loads(line) for line in ran.stdout.splitlines()] == list(LINES)
    assert ran.calls == [("export", {}), ("export", {"after": "2"})]
    assert "\x1b" not in ran.stdout


def test_an_export_into_a_file_is_private_and_whole(client, tmp_path):
    file = tmp_path / "out.jsonl"

    ran = client("export", "--output", str(file), answers={"export": pages(*LINES)})

    assert [json.loads(line) for line in file.read_text().splitlines()] == list(LINES)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ran.stderr == f"4 lines in {file}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_an_export_through_a_link_writes_what_the_link_leads_to(client, tmp_path):
    """Whoever keeps exports on another disk by a link wants them there."""
    (tmp_path / "far").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to("far/real.jsonl")

    ran = client("export", "-o", str(link), answers={"export": pages(*LINES)})

    assert ran.code == 0
    assert link.is_symlink()
    assert len((tmp_path / "far" / "real.jsonl").read_text().splitlines()) == len(LINES)


def test_an_export_into_a_pipe_or_a_device_leaves_it_one(client, tmp_path):
    """``slm export -o /dev/null`` as root must not make a file of it; a pipe stands for a device here."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    ran = client("export", "-o", str(pipe), answers={"export": pages(*LINES)})
    received = os.read(reading, 1 << 16)
    os.close(reading)

    assert (ran.code, stat.S_ISFIFO(pipe.stat().st_mode)) == (0, True)
    assert len(received.splitlines()) == len(LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_an_export_that_fails_leaves_the_old_file(client, tmp_path):
    file = tmp_path / "out.jsonl"
    file.write_text("old\n")

    ran = client("export", "-o", str(file), answers={"export": [pages(*LINES)[0], refusal(StorageRefused)]})

    assert ran.code == 8
    assert file.read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_an_export_without_its_last_line_is_an_error(client):
    assert client("export", answers={"export": pages(*LINES[:3])}).code == 6


def test_an_export_into_a_folder_that_is_not_there_is_refused(client, tmp_path):
    ran = client("export", "-o", str(tmp_path / "nosuch" / "x"), answers={"export": pages(*LINES)})

    assert ran.code == 8
    assert "can't be written" in ran.stderr


def test_an_export_can_be_imported(client, tmp_path):
    file = tmp_path / "out.jsonl"
    client("export", "-o", str(file), answers={"export": pages(*LINES)})

    ran = client("import", str(file), "--from", "jsonl", answers={"remember": storing})

    assert [record["text"] for record in ran.calls[0][1]["batch"]] == ["naïve \x1b", memory()["text"]]


def test_an_export_can_be_read_by_people(client):
    records = ({"slm_export": 1}, memory(text="naïve \x1b[2J\nsecond", tags=["work"]), {"slm_export_end": 1})

    ran = client("export", "--format", "markdown", answers={"export": pages(*records)})

    title, *lines = ran.stdout.splitlines()
    assert title.startswith("# Memories of ")
    assert lines == [
        "",
        "## github.com/acme/api",
        "",
        "### 3 November 2024",
        "",
        "- naïve \\x1b[2J",
        "  second",
        "  *k3m9q0000000 · note · cli · #work*",
    ]


def test_a_readable_export_that_is_cut_off_leaves_the_old_file(client, tmp_path):
    file = tmp_path / "out.md"
    file.write_text("old\n")

    ran = client("export", "--format", "markdown", "-o", str(file), answers={"export": pages(*LINES[:3])})

    assert (ran.code, file.read_text()) == (6, "old\n")
