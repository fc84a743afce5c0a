"""reembed: called until it is finished."""

from __future__ import annotations

import json

from slm.errors import NotFound


def _answer(done, *, finished=False, changed=True):
    return {"name": "default", "done": done, "total": 9, "changed": changed, "finished": finished}


def test_it_is_called_until_all_is_done(client):
    ran = client("reembed", answers={"reembed": [_answer(4), _answer(8), _answer(9, finished=True)]})

    assert ran.calls == [("reembed", {})] * 3
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "9 memories embedded anew\n")


def test_the_profile_is_named(client):
    ran = client("reembed", "--profile", "work", answers={"reembed": _answer(1, finished=True)})

    assert ran.calls == [("reembed", {"name": "work"})]
    assert ran.stderr == "1 memory embedded anew\n"


def test_nothing_to_do_is_said(client):
    ran = client("reembed", answers={"reembed": _answer(0, finished=True, changed=False)})

    assert (ran.code, ran.stderr) == (0, "the store has vectors of this model already\n")


def test_the_last_answer_is_the_json(client):
    ran = client("reembed", "--json", answers={"reembed": [_answer(4), _answer(9, finished=True)]})

    assert json.loads(ran.stdout) == _answer(9, finished=True)


def test_a_failure_on_the_way_is_told(client):
    ran = client("reembed", answers={"reembed": [_answer(4), NotFound("gone", hint="slm profile list")]})

    assert (ran.code, ran.stderr) == (4, "slm: error: gone\n  fix: slm profile list\n")


def test_an_interrupt_says_how_far_it_is_and_that_it_goes_on(client):
    """trust.md: resumable."""
    ran = client("reembed", answers={"reembed": [_answer(4), KeyboardInterrupt()]})

    assert (ran.code, ran.stderr) == (130, "interrupted at 4 of 9; the same command goes on from there\n")
