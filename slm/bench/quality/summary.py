"""The README's quality tables, written from result files of ``slm bench locomo`` and its like."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slm.errors import InvalidInput

BEGIN, END = "<!-- quality -->", "<!-- /quality -->"
FIRST = "slm recall"


def quality(results: Sequence[dict[str, Any]]) -> str:
    """Markdown: every ranking by the metric that each set is known by, then what was measured and on what."""
    names = list(dict.fromkeys(name for result in results for name in result["rows"]))
    heads = [f"{result['set']} {result['headline']}" for result in results]
    lines = [
        f"| | {' | '.join(heads)} |",
        "|---" * (len(results) + 1) + "|",
        *(f"| {name} | {' | '.join(_cell(result, name) for result in results)} |" for name in names),
        "",
        *(f"- {_said(result)}" for result in results),
    ]
    return "\n".join(lines)


def written_into(readme: str, results: Sequence[dict[str, Any]]) -> str:
    """``readme`` with the tables of ``results`` between its marks. Raises :class:`InvalidInput` without the marks."""
    before, mark, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise InvalidInput(f"the README lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{quality(results)}\n{END}{after}"


def results_in(folder: Path) -> list[dict[str, Any]]:
    """The result files of a folder, by name."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def _cell(result: dict[str, Any], name: str) -> str:
    """The value of a ranking; the first with its interval, the others with how far they are from it."""
    row = result["rows"].get(name)
    if row is None:
        return ""
    figure = row["metrics"][result["headline"]]
    if name == FIRST:
        low, high = figure["interval"]
        return f"**{figure['mean']:.1f}** ({low:.1f} to {high:.1f})"
    return f"{figure['mean']:.1f} ({row['difference'][result['headline']]['mean']:+.1f})"


def _said(result: dict[str, Any]) -> str:
    parts = [
        f"**{result['set']}**: {result['memories']:,} memories in {result['stores']} "
        f"{'store' if result['stores'] == 1 else 'stores'}, {result['questions']} questions"
    ]
    first = result["rows"][FIRST]["metrics"]
    parts.append(", ".join(f"{metric} {figure['mean']:.1f}" for metric, figure in first.items()))
    if clean := result.get("clean"):
        fit = clean["rows"][FIRST]["metrics"]
        parts.append(f"on the {clean['questions']} that an audit found fit R@10 {fit['R@10']['mean']:.1f}, "
                     f"nDCG@10 {fit['nDCG@10']['mean']:.1f}")  # fmt: skip
    if abstention := result.get("abstention"):
        parts += [
            f"abstained on {row['share']:.1f} % of the questions {kind}"
            + (f" (AUC {abstention['auc'][kind]['mean']:.1f})" if kind in abstention["auc"] else "")
            for kind, row in abstention["abstained"].items()
        ]
    if answers := result.get("answers"):
        parts.append(f"answers F1 {answers['F1']:.1f}")
    parts.append(f"commit {result['commit']}, seed {result['seed']}, data sha256 {result['sha256'][:12]}…")
    return "; ".join(parts)
