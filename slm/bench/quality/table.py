"""A document of figures as text for a person."""

from __future__ import annotations

from typing import Any

from slm.bench.quality.metrics import METRICS

NAME = 31


def table(result: dict[str, Any]) -> str:
    """Rankings with the interval of the headline metric, then whatever else was measured."""
    headline = result["headline"]
    lines = [
        f"{result['set']}: {result['stores']} stores, {result['memories']:,} memories, {result['questions']} questions "
        f"with known evidence, data sha256 {result['sha256'][:12]}…, seed {result['seed']}",
        "",
        *_rows(result["rows"], headline),
        *_categories(result["rows"]),
    ]
    if clean := result.get("clean"):
        lines += ["", f"{clean['questions']} questions that an audit found fit, by its evidence"]
        lines += [*_rows(clean["rows"], headline), *_categories(clean["rows"])]
    lines += _abstention(result.get("abstention"))
    if answers := result.get("answers"):
        by_category = ", ".join(f"{name} {f1:.1f}" for name, f1 in answers["categories"].items())
        told = f"{answers['answered']} of {answers['questions']} questions answered"
        lines += ["", f"answers: F1 {answers['F1']:.1f}, {told}", f"  {by_category}"]
    if timings := result.get("timings_ms"):
        lines += ["", f"medians: embedding {timings['embed']:.1f} ms, the rest of a recall {timings['rest']:.1f} ms"]
    return "\n".join(lines)


def _rows(rows: dict[str, Any], headline: str) -> list[str]:
    ends = f"  {headline + ' 95 %':<15}{'by store':<15}{'against the first, 95 %'}"
    lines = [f"{'':{NAME}}" + "".join(f"{name:>8}" for name in METRICS) + ends]
    for name, row in rows.items():
        figures = "".join(f"{row['metrics'][metric]['mean']:8.1f}" for metric in METRICS)
        figure = row["metrics"][headline]
        by_store = _span(figure["by_store"]) if figure["by_store"] else ""
        against = ""
        if difference := row.get("difference", {}).get(headline):
            against = f"{difference['mean']:+.1f} ({_span(difference['interval'], signed=True)})"
        lines.append(f"{name:{NAME}}{figures}  {_span(figure['interval']):<15}{by_store:<15}{against}".rstrip())
    return lines


def _categories(rows: dict[str, Any]) -> list[str]:
    """The first row by category, where there is more than one."""
    name, first = next(iter(rows.items()))
    categories = first["categories"]
    if len(categories) < 2:
        return []
    lines = ["", f"{name}, by category"]
    for category, row in categories.items():
        label = f"{category} ({row['questions']})"
        lines.append(f"{label:{NAME}}" + "".join(f"{row[metric]:8.1f}" for metric in METRICS))
    return lines


def _abstention(found: dict[str, Any] | None) -> list[str]:
    if not found or not found["abstained"]:
        return []
    lines = ["", "abstention"]
    for kind, row in found["abstained"].items():
        label = f"  {kind} ({row['questions']})"
        line = f"{label:{NAME}}{row['share']:6.1f} % abstained"
        if kind in found["auc"]:
            figure = found["auc"][kind]
            line += f", AUC against answerable {figure['mean']:.1f} ({_span(figure['interval'])})"
        lines.append(line)
    return lines


def _span(edges: list[float], *, signed: bool = False) -> str:
    low, high = edges
    return f"{low:+.1f} to {high:+.1f}" if signed else f"{low:.1f}–{high:.1f}"
