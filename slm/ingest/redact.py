"""Secrets in a text are replaced by marks such as ``[redacted:aws-key]`` before the text is stored.

Three kinds of evidence: a prefix that an issuer documents (``AKIA``, ``ghp_`` …), a form (private key blocks, JSON web
tokens, passwords in URLs, authorization headers), and an assignment to a name like ``password`` or ``api_key`` whose
value looks secret. A value that is a word, a path, an address, a placeholder or code stays. This is a net with holes:
a password in the middle of a sentence is not found.

Linear time: every rule starts at a fixed word or a word's edge and consumes possessively, so no character is read more
than a fixed number of times. Patterns of the user's own are not bounded by this.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from slm.errors import ConfigInvalid

Span = tuple[int, int, str]
"""Start, stop and kind of a secret."""

_ISSUED = {
    "aws-key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?!\w)",
    "google-key": r"AIza[\w-]{35}(?!\w)|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{28}(?!\w)",
    "azure-secret": r"[\w.~]{3}\dQ~[\w.~-]{31,34}(?!\w)",
    "github-token": r"gh[pousr]_[A-Za-z0-9]{36,}+|github_pat_\w{22,}+",
    "gitlab-token": r"gl(?:pat|dt|rt|ptt|ft|cbt|imt|agent|oas|soat|ffct)-[\w-]{20,}+(?:\.[\w-]+)*+",
    "slack-token": r"xox[abeoprs](?:\.xox[bp])?-\d[\w-]{9,}+|xapp-\d-[\w-]{10,}+",
    "stripe-key": r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}+|whsec_[A-Za-z0-9]{24,}+",
    "anthropic-key": r"sk-ant-[\w-]{20,}+",
    "openai-key": r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,}+|(?:sk|sess)-[A-Za-z0-9]{40,}+",
    "huggingface-token": r"hf_[A-Za-z0-9]{30,}+",
    "npm-token": r"npm_[A-Za-z0-9]{36}(?!\w)",
    "pypi-token": r"pypi-AgE[\w-]{50,}+",
    "docker-token": r"dckr_(?:pat|oat)_[\w-]{20,}+",
    "vault-token": r"hv[sbr]\.[\w-]{24,}+",
    "sendgrid-key": r"SG\.[\w-]{22}\.[\w-]{43}(?!\w)",
    "digitalocean-token": r"do[opr]_v1_[a-f0-9]{64}(?!\w)",
    "telegram-token": r"\d{8,10}:AA[\w-]{33}(?!\w)",
    "age-key": r"AGE-SECRET-KEY-1[0-9A-Z]{58}(?!\w)",
    "jwt": r"eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{8,}+",
}
_TOKEN = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{kind.replace('-', '_')}>{rule})" for kind, rule in _ISSUED.items()) + ")",
    re.ASCII,
)

_KEY_TITLE = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PRIVATE_KEY = re.compile(
    rf"-----BEGIN {_KEY_TITLE}"
    rf"(?:[^-]*+(?:-(?!----)[^-]*+)*+-----END {_KEY_TITLE}|(?:(?:\s|\\n)*+[A-Za-z0-9+/=]{{32,}}+)++)"
)
_URL_PASSWORD = re.compile(
    r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]*+://[^\s/?#:@'\"<>]*+:(?P<secret>[^\s/?#'\"<>]+)(?=@)", re.ASCII
)
_SIGNED_URL = re.compile(r"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=(?P<secret>[\w%+/=-]{32,}+)", re.ASCII)
_HEADER = re.compile(
    r"(?i)\b(?:(?P<named>authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token|apikey)|bearer)\s{1,3}"
    r"(?P<secret>[\w.~+/=-]{12,}+)",
    re.ASCII,
)

_ASSIGNMENT = re.compile(
    r"(?i)(?<!\[redacted:)"
    r"(?:(?P<password>password|passwd|passphrase|passcode|(?<![a-z])pwd|(?<=[_-])pass)"
    r"|secret|token|credential"
    r"|(?:api|access|secret|private|signing|encryption|account|auth|license)[ _-]?key)"
    r"s?(?![a-z])(?P<suffix>[_-]\w{1,20}+)?+\\?[\"'`\]]{0,2}[ \t]{0,4}(?:=>|:=|==?|:(?!//))[ \t]{0,4}"
    r"(?:\\?\"(?P<double>(?:[^\"\\\n]|\\(?!\"))++)\\?\"|'(?P<single>[^'\n]++)'|`(?P<tick>[^`\n]++)`"
    r"|(?P<bare>(?:[^\s\"'`,;<>&\\\[]|&(?!\w{1,40}+=)|\[(?!redacted:)){1,128}+))",
    re.ASCII,
)
_WORD_END = re.compile(r"\[redacted:|[\s\"'`,;<>&\\]")
_NOT_THE_SECRET = re.compile(
    r"(?i)[_-](?:type|ur[il]|name|id|path|file|dir|ttl|count|limit|len|length|size|field|expiry|expires|expiration|budget"
    r"|env|ref|hash|header|policy|at|in|usage|version|label|prompt|manager|store|endpoint)(?![a-z])"
)

_PLACEHOLDER = re.compile(
    r"(?i)\$[{(]|\$[a-z_]+$|%|\{|<|\*+$|\[|x{3,}|\.\.|…|your|example|change[_-]?me|placeholder|dummy|redacted|hidden"
    r"|(?:my[_-]?)?(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)$"
    r"|(?:none|null|true|false|undefined|string|required|optional|empty|test)$"
    r"|(?:env|process|os|self|this|vault|op|ssm|arn|ref\+\w+|file|sops)[.:]"
)
_ADDRESS_OR_PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w.~@-]+(?:/[\w.~@-]*)*+$|[A-Za-z]:\\|[A-Za-z][\w+.-]*+://|(?:[\w.-]++/)++[\w-]++\.[a-z]{1,5}$"
)
_CODE_OR_DATE = re.compile(
    r"[A-Za-z_][\w.]*+[(\[{]|[A-Za-z_]+(?:\.[A-Za-z_]+)+$|\d{4}-\d\d(?:-\d\d)?(?:[T ]|$)|&|[A-Za-z_]+!$"
)
_SLUG_PART = r"(?>v?\d{1,8}+(?![A-Za-z\d])|(?:[A-Z]?[a-z]{2,}+|[A-Z]{2,}+|[A-Za-z](?![A-Za-z]))++\d{0,3})"
_SLUG = re.compile(rf"{_SLUG_PART}(?:[-_.:/]{_SLUG_PART})*+$")
_WORDS = re.compile(r"[^\W\d_]+(?:[-_.'’/][^\W\d_]+)*$")
_TRAILING = ".,;:)]}"

MAX_BARE = 128
MIN_PASSWORD = 6
MIN_SECRET = 12
MIN_ENTROPY_BITS = 3.0
"""Least Shannon entropy a character: 12 random letters and digits have about 3.4, a repeated word far less."""


def redact(text: str, extra_patterns: Sequence[tuple[str, str]] = ()) -> tuple[str, list[str]]:
    """The text with its secrets marked, and the kinds found, sorted.

    ``extra_patterns`` are pairs of a name and a regular expression, whose whole match is replaced; an invalid one
    raises :class:`ConfigInvalid`. Without such patterns, redacting twice changes nothing more.
    """
    kinds: set[str] = set()
    for name, pattern in _compiled(tuple(extra_patterns)):
        text = _marked(text, ((*found.span(), name) for found in pattern.finditer(text) if found[0]), kinds)
    for rule in (_private_keys, _issued, _in_urls, _signatures, _in_headers, _assigned):
        text = _marked(text, rule(text), kinds)
    return text, sorted(kinds)


def _marked(text: str, spans: Iterable[Span], kinds: set[str]) -> str:
    parts, at = [], 0
    for start, stop, kind in spans:
        kinds.add(kind)
        parts += [text[at:start], f"[redacted:{kind}]"]
        at = stop
    return "".join([*parts, text[at:]]) if parts else text


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[tuple[str, str], ...]) -> list[tuple[str, re.Pattern[str]]]:
    try:
        return [(name, re.compile(pattern)) for name, pattern in patterns]
    except (re.error, RecursionError, OverflowError) as error:
        where = {"key": "remember.redact_patterns"}
        raise ConfigInvalid(f"not a regular expression: {error}", where=where) from None


def _private_keys(text: str) -> Iterator[Span]:
    for found in _PRIVATE_KEY.finditer(text):
        yield *found.span(), "private-key"


def _issued(text: str) -> Iterator[Span]:
    for found in _TOKEN.finditer(text):
        yield *found.span(), str(found.lastgroup).replace("_", "-")


def _in_urls(text: str) -> Iterator[Span]:
    for found in _URL_PASSWORD.finditer(text):
        if not _PLACEHOLDER.match(found["secret"]):
            yield *found.span("secret"), "password"


def _signatures(text: str) -> Iterator[Span]:
    for found in _SIGNED_URL.finditer(text):
        yield *found.span("secret"), "url-signature"


def _in_headers(text: str) -> Iterator[Span]:
    for found in _HEADER.finditer(text):
        if not _PLACEHOLDER.match(found["secret"]) and (found["named"] or _random(found["secret"])):
            yield *found.span("secret"), "authorization"


def _assigned(text: str) -> Iterator[Span]:
    """Values that are assigned to a telling name and look secret."""
    at = 0
    while found := _ASSIGNMENT.search(text, at):
        group = str(found.lastgroup)
        start, at = found.span(group)
        value = found[group] if group != "bare" else found[group].rstrip(_TRAILING)
        if _ordinary(value) or (found["suffix"] and _NOT_THE_SECRET.match(found["suffix"])):
            at = start
            continue
        if not _looks_secret(value, password=bool(found["password"]), quoted=group != "bare"):
            continue
        if group == "bare":
            end = _WORD_END.search(text, at)
            at = start + len(value) if at - start < MAX_BARE else end.start() if end else len(text)
        yield start, at, "password" if found["password"] else "secret"


def _ordinary(value: str) -> bool:
    """Whether it is a placeholder, an address, a path, code or a date."""
    return any(form.match(value) for form in (_PLACEHOLDER, _ADDRESS_OR_PATH, _CODE_OR_DATE))


def _looks_secret(value: str, *, password: bool, quoted: bool) -> bool:
    if len(value) < (MIN_PASSWORD if password else MIN_SECRET) or any(sign.isspace() for sign in value):
        return False
    if password:
        return quoted or not _WORDS.match(value)
    return _random(value)


def _random(value: str) -> bool:
    """Whether it looks generated: letters and digits mixed, or changing case all the time, and no word-like slug."""
    if _entropy_bits(value) < MIN_ENTROPY_BITS:
        return False
    letters = [sign for sign in value if sign.isalpha()]
    if any(sign.isdigit() for sign in value):
        return bool(letters) and not _SLUG.match(value)
    changes = sum(a.isupper() != b.isupper() for a, b in pairwise(letters))
    return len(value) >= 20 and changes * 3 >= len(value)


def _entropy_bits(value: str) -> float:
    """Shannon entropy of the first 64 characters, in bits a character."""
    counts = Counter(value[:64]).values()
    total = sum(counts)
    return -sum(count / total * math.log2(count / total) for count in counts)
