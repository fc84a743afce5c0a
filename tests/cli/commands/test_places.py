"""profile and scope."""

from __future__ import annotations

import json

PROFILES = {
    "profiles": [
        {"name": "default", "memories": 912, "disk_bytes": 5_300_000},
        {"name": "work", "memories": None, "disk_bytes": 4096},
    ]
}
SCOPES = {
    "scopes": [{"name": "github.com/acme/api", "memories": 500}, {"name": "global", "memories": 7}],
    "current": "global",
}


def test_profiles_are_listed_with_what_is_known_of_them(either):
    """A profile that isn't open has no count: opening it to count would cost more than the answer is worth."""
    assert either("profile", "list", answers={"profiles": PROFILES}).stdout.splitlines() == [
        "default  912 memories  5.3 MB",
        "work                     4 kB",
    ]


def test_profiles_in_json_are_one_document(either):
    assert json.loads(either("profile", "list", "--json", answers={"profiles": PROFILES}).stdout) == PROFILES


def test_a_profile_is_made(either):
    ran = either("profile", "create", "work", answers={"profile_create": {"name": "work"}})

    assert ran.calls == [("profile_create", {"name": "work"})]
    assert ran.stderr == "profile work: slm --profile work …\n"


def test_deleting_a_profile_is_asked(client):
    ran = client("profile", "delete", "work", terminal=True, stdin=b"y\n", answers={"profile_delete": {"name": "work"}})

    assert ran.calls == [("profile_delete", {"name": "work"})]
    assert "for good? [y/N] " in ran.stderr


def test_a_profile_stays_unless_yes_is_said(client):
    ran = client("profile", "delete", "work", terminal=True, stdin=b"\n")

    assert (ran.code, ran.calls) == (1, [])


def test_deleting_a_profile_in_a_script_needs_yes(client):
    assert client("profile", "delete", "work").code == 2
    assert client("profile", "delete", "work", "--yes", answers={"profile_delete": {"name": "work"}}).code == 0


def test_scopes_are_listed_and_this_folders_marked(either):
    assert either("scope", "list", answers={"scopes": SCOPES}).stdout.splitlines() == [
        "  github.com/acme/api 500",
        "* global                7",
    ]


def test_this_folders_scope_is_listed_even_when_empty(either):
    shown = either("scope", "list", answers={"scopes": SCOPES | {"current": "github.com/acme/web"}}).stdout

    assert "* github.com/acme/web   0" in shown.splitlines()


def test_scopes_in_json_are_one_document(either):
    assert json.loads(either("scope", "list", "--json", answers={"scopes": SCOPES}).stdout) == SCOPES


def test_a_scope_is_renamed(either):
    ran = either("scope", "rename", "github.com/acme/api", "acme", answers={"scope_rename": {"renamed": 500}})

    assert ran.calls == [("scope_rename", {"from": "github.com/acme/api", "to": "acme"})]
    assert ran.stderr == "moved 500 memories from github.com/acme/api to acme\n"
