"""Secrets are marked, everything else stays. Every secret here is made up and put together from pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slm.errors import ConfigInvalid
from slm.ingest.redact import redact

MIXED = "Zx9kQ2vLm4Rt7Wp1Ys6Bn3Hd8Jf5Gc0Tu"
LONG = MIXED * 4


def key_block(title: str, body: str = "MIIEowIBAAKCAQEAtz\nq8Zk==", *, end: bool = True) -> str:
    edge = "-" * 5
    return f"{edge}BEGIN {title}{edge}\n{body}\n" + (f"{edge}END {title}{edge}" if end else "")


ISSUED = [
    ("aws-key", "AK" + "IAIOSFODNN7EXAMPLE"),
    ("aws-key", "AS" + "IAIOSFODNN7EXAMPLE"),
    ("google-key", "AI" + "za" + LONG[:35]),
    ("google-key", "GOC" + "SPX-" + LONG[:28]),
    ("google-key", "ya" + "29." + LONG[:40]),
    ("azure-secret", "abc8" + "Q~" + LONG[:34]),
    ("github-token", "gh" + "p_" + LONG[:36]),
    ("github-token", "gh" + "s_" + LONG[:36]),
    ("github-token", "github" + "_pat_" + LONG[:22] + "_" + LONG[:59]),
    ("gitlab-token", "gl" + "pat-" + LONG[:20]),
    ("gitlab-token", "gl" + "rt-t1_" + LONG[:20]),
    ("slack-token", "xo" + "xb-123456789012-1234567890123-" + LONG[:24]),
    ("slack-token", "xa" + "pp-1-A012345-" + LONG[:24]),
    ("stripe-key", "sk" + "_live_" + LONG[:24]),
    ("stripe-key", "rk" + "_test_" + LONG[:24]),
    ("stripe-key", "wh" + "sec_" + LONG[:32]),
    ("anthropic-key", "sk" + "-ant-api03-" + LONG[:90]),
    ("openai-key", "sk" + "-proj-" + LONG[:48]),
    ("openai-key", "sk" + "-" + LONG[:48]),
    ("huggingface-token", "h" + "f_" + LONG[:34]),
    ("npm-token", "np" + "m_" + LONG[:36]),
    ("pypi-token", "py" + "pi-AgEIcHlwaS5vcmc" + LONG[:70]),
    ("docker-token", "dckr" + "_pat_" + LONG[:27]),
    ("vault-token", "hv" + "s." + LONG[:90]),
    ("sendgrid-key", "S" + "G." + LONG[:22] + "." + LONG[:43]),
    ("digitalocean-token", "do" + "p_v1_" + "0123456789abcdef" * 4),
    ("telegram-token", "123456789:" + "AA" + LONG[:33]),
    ("age-key", "AGE-" + "SECRET-KEY-1" + "Q2W3E4R5T6Y7" * 4 + "Q2W3E4R5T6"),
    ("jwt", "ey" + "JhbGciOiJIUzI1NiJ9" + ".ey" + "JzdWIiOiIxMjM0In0." + LONG[:43]),
    ("private-key", key_block("RSA PRIV" + "ATE KEY")),
    ("private-key", key_block("PRIV" + "ATE KEY")),
    ("private-key", key_block("OPENSSH PRIV" + "ATE KEY")),
    ("private-key", key_block("PGP PRIV" + "ATE KEY BLOCK", "Version: 1\n\nlQdGBF\n=aBcD")),
    ("private-key", key_block("PRIV" + "ATE KEY").replace("\n", "\\n")),
]
SURROUNDINGS = [
    "{}",
    "the key is {} since May",
    "key={}",
    '"{}"',
    "`{}`",
    "({})",
    "{}.",
    "https://host/{}",
    "a\n{}\nb",
    "<{}>",
]


@pytest.mark.parametrize("around", SURROUNDINGS)
@pytest.mark.parametrize(("kind", "secret"), ISSUED)
def test_what_an_issuer_documents_is_found_anywhere(kind, secret, around) -> None:
    """Specification: the issuers' documented prefixes and forms."""
    text, kinds = redact(around.format(secret))

    assert kind in kinds
    assert text == around.format(f"[redacted:{kind}]")


ASSIGNED = [
    ("password: {}", "hunter2"),
    ("Password = {}.", "s3cr3t!pw"),
    ("my wifi password: {}", "Tr0ub4dor&3"),
    ("export DB_PASSWORD={}", "pg-2024-x9!"),
    ("smtp_pass: {}", "a1b2c3d4"),
    ("PWD_ADMIN='{}'", "x9;y8,z7"),
    ("passwd := {}", "12345678"),
    ('{{"password": "{}"}}', "correct-horse"),
    ('{{"password": "{}"}}', "it's4Secret"),
    ('{{\\"password\\": \\"{}\\"}}', "hunter22"),
    ("passphrase: '{}'", "zebra-crossing"),
    ("connect Server=x;Password={};Timeout=3", "aB3$xyz"),
    ("https://host/login?user=a&password={}&next=b", "aB3xyz9"),
    ("config['password'] = '{}'", "letmein99"),
    ("$password => '{}'", "letmein99"),
    ("api_key: {}", "0123456789abcdef0123456789abcdef"),
    ("API key: `{}`", MIXED[:20]),
    ("apiKey={}", MIXED[:16]),
    ("X-Api-Key: {}", MIXED),
    ("client_secret: '{}'", "Zx9_kk21Aq-77"),
    ("aws_secret_access_key = {}", "wJalr" + "XUtnFEMI/K7MDENG/bPxRfiCYzzzz"),
    ("AccountKey={};", LONG[:60] + "=="),
    ("token: {}", "550e8400-e29b-41d4-a716-446655440000"),
    ("access-token={}", "dQw4w9WgXcQzK7pLm"),
    ("signing key: {}", "AbCdEfGhIjKlMnOpQrStUvWx"),
    ("secret={}", "A1" * 4 + LONG * 6),
]


@pytest.mark.parametrize(("around", "secret"), ASSIGNED)
def test_a_value_that_looks_secret_is_marked_after_a_telling_name(around, secret) -> None:
    """Specification: assignments, by entropy and length."""
    text, kinds = redact(around.format(secret))

    assert kinds
    assert set(kinds) <= {"password", "secret"}
    assert text == around.format(f"[redacted:{kinds[0]}]")


OTHERS = [
    ("postgres://app:{}@db:5432/x", "p4ss:w@rd", "password"),
    ("see redis://:{}@cache", "s3cret", "password"),
    ("git clone https://ada:{}@git.example.org/x.git", "letmein", "password"),
    ("Authorization: Bearer {}", "abcdefghijklmnopqrst", "authorization"),
    ('curl -H "authorization: basic {}"', "dXNlcjpwYXNz" + "d29yZA==", "authorization"),
    ("sent as bearer {}", MIXED, "authorization"),
    ("https://x.blob.core.windows.net/c?sv=2020&sig={}&se=1", "a1%2B" * 10, "url-signature"),
    ("https://s3/x?a=1&X-Amz-Signature={}", "0123456789abcdef" * 4, "url-signature"),
]


@pytest.mark.parametrize(("around", "secret", "kind"), OTHERS)
def test_credentials_in_addresses_and_headers_are_marked(around, secret, kind) -> None:
    """Specification."""
    assert redact(around.format(secret)) == (around.format(f"[redacted:{kind}]"), [kind])


HARMLESS = [
    "the password is rotated monthly",
    "Password: required",
    "password: must be at least 8 characters",
    "password: correct-horse",
    "Passwords: changed on 2024-03-14, again in May",
    "password: 2024-03-14",
    "def login(user: str, password: str = None, token: Optional[str] = None)",
    "password = os.environ['DB_PASSWORD']",
    "password=$DB_PASSWORD token=${TOKEN} secret={{ secret }} api_key=<your-key>",
    "api_key = your_api_key_1234567890",
    "password=password, password: xxxxxxxx, password: ********",
    "token = get_token(user1, 3600)",
    "self.password = self.config.password",
    "token: CancellationToken",
    "the token bucket: 128000 tokens a minute, max_tokens: 128000",
    "token_type: bearer_v2_0123456789ab, token_url: x9y8z7w6v5u4t3s2",
    "secret: my-app-secrets-v2",
    "secretName: db-credentials-2024",
    "secret = arn:aws:secretsmanager:eu-1:123456789012:secret:x-A1b2C3",
    "secretary: Alice2000Wonder9",
    "keyboard: abc123def456ghi7",
    "private key: ~/.ssh/id_ed25519",
    "token: /etc/api/token.v2.json",
    "token: config/auth/token2.json",
    "token: https://example.org/token/abc123def456",
    "commit 8f14e45fceea167a5a36dedd4bea25438f14e45f fixes 0d1a2b3",
    "sha256:" + "0123456789abcdef" * 4,
    "id 550e8400-e29b-41d4-a716-446655440000",
    "http://localhost:8080/x and ssh://git@host:22/x and redis://cache:6379",
    "http://user:password@host is the form, https://${USER}:${PASS}@host too",
    "mail ada@example.org at 10:30:45",
    "bearer of the standard-bearer-tradition",
    "PWD=/home/ada/x9 OLDPWD=/tmp/y8",
    "pass: 12 of 14 tests passed",
    "sk-learn, sk-something and npm_config_cache, hf_hub, glpat, xoxb-your-token",
    "AKIA is the prefix; eyJ starts a token; -----BEGIN CERTIFICATE-----",
    "The API listens on 5433 since the PG16 move",
    "Passwörter: geheim für alle, 密码: 密码",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_prose_hashes_paths_ports_placeholders_and_code_stay(text) -> None:
    """Specification: must not redact."""
    assert redact(text) == (text, [])


def test_a_public_certificate_stays_and_a_cut_off_key_goes() -> None:
    """Specification: private key blocks, also without their end."""
    certificate = key_block("CERTIFICATE")
    cut = key_block("PRIV" + "ATE KEY", f"{LONG[:64]}\n{LONG[:64]}", end=False) + "and prose goes on here"

    assert redact(certificate) == (certificate, [])
    assert redact(cut) == ("[redacted:private-key]\nand prose goes on here", ["private-key"])


def test_naming_a_key_block_in_prose_does_not_swallow_the_prose() -> None:
    """Specification: plain prose stays."""
    text = f"It starts with {'-' * 5}BEGIN PRIV" + f"ATE KEY{'-' * 5} and base64 follows."

    assert redact(text) == (text, [])


def test_several_secrets_are_marked_each_and_kinds_are_sorted() -> None:
    """Specification."""
    text = f"password: hunter2, key {ISSUED[0][1]}, again {ISSUED[0][1]}, db://a:b1@c"

    assert redact(text) == (
        "password: [redacted:password], key [redacted:aws-key], again [redacted:aws-key], db://a:[redacted:password]@c",
        ["aws-key", "password"],
    )


# Patterns of one's own


def test_patterns_of_ones_own_come_first_under_their_names() -> None:
    """Specification: users can extend."""
    patterns = [("badge", r"B-\d{6}"), ("custom", r"(?i)project \w+")]

    assert redact("B-123456 works on Project Zebra", patterns) == (
        "[redacted:badge] works on [redacted:custom]", ["badge", "custom"],
    )  # fmt: skip


def test_a_pattern_that_matches_nothing_at_all_adds_no_marks() -> None:
    """Specification: an empty match is no secret."""
    assert redact("abc", [("custom", "x*")]) == ("abc", [])


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<a>x)(?P<a>y)", "a{2,1}", "\\"])
def test_an_invalid_pattern_is_a_mistake_in_the_configuration(pattern) -> None:
    """Specification: Invalid user pattern -> ConfigInvalid."""
    with pytest.raises(ConfigInvalid, match="not a regular expression") as caught:
        redact("text", [("custom", pattern)])

    assert caught.value.where == {"key": "remember.redact_patterns"}


# Theorems

PIECES = st.sampled_from(
    [secret for _, secret in ISSUED] + [around.format(secret) for around, secret in ASSIGNED]
    + [around.format(secret) for around, secret, _ in OTHERS] + HARMLESS
    + list(" \n\"'`.,;:=@&/-_[]()") + ["password", "token", ": ", "=", "Bearer ", "://", "a:", "x9", "[redacted:"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=80)


@settings(max_examples=300)
@given(TEXTS)
@example("secret: my-app-secrets-v2https://x.blob.core.windows.net/c?sv=2020&sig=" + 11 * "a1%2B" + "&se=1")
def test_redacting_twice_changes_nothing_more(text) -> None:
    """Theorem: idempotence."""
    once, _ = redact(text)

    assert redact(once)[0] == once


@settings(max_examples=300)
@given(TEXTS)
def test_nothing_but_secrets_is_changed(text) -> None:
    """Theorem: the marked text with its marks as gaps is the text."""
    marked, kinds = redact(text)
    pieces = [re.escape(piece) for piece in re.split(r"\[redacted:(?:" + "|".join(kinds or ["-"]) + r")\]", marked)]

    if "[redacted:" not in text:
        assert re.fullmatch("(?s:.*?)".join(pieces), text)
    assert kinds == sorted(set(kinds))
    assert {kind for kind in re.findall(r"\[redacted:([a-z-]+)\]", marked) if kind not in text} <= set(kinds)


ADVERSARIAL = [
    "a", "-", "\\", "é", " \n", "token=", "eyJaaaaaaaaaa.", "-----BEGIN PRIVATE KEY-----\n", "x://a:", "password='",
    "token=\"a 'b `", "v1.", "password=v1.", "ghp_", "authorization: bearer ", "password=aa_", 'token=\\"',
    "password: [a/",
    "token=" + "a/" * 40 + "! ", "=:=:", "http://a:b@", "secret secret key ", "a@", "token:" + "v1." * 300 + "! ",
    "aA", "token=[", "token=https://", "-----BEGIN PRIVATE KEY-----" + "A" * 40 + "\n", "&sig=" + "a" * 31,
    "password: a.b.c.", "token: $",
]  # fmt: skip


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_long_adversarial_texts_come_back(unit) -> None:
    """Theorem: linear time; a quadratic rule would take 10^10 steps and meet the suite's time limit."""
    text = unit * ((1 << 18) // len(unit))

    assert redact(text)[0]


def test_a_mebibyte_of_all_of_them_comes_back() -> None:
    """Theorem: the longest text of one memory."""
    text = "".join(unit * ((1 << 20) // len(unit) // len(ADVERSARIAL)) for unit in ADVERSARIAL)

    assert redact(text)[0]
