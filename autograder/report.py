"""Says verdicts to people (text, HTML) and to programs (JSON)."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from autograder.checking import Finding
from autograder.grading import Graded, Grader
from autograder.judge import NOT_ATTEMPTED, PASSED, Result, Verdict
from autograder.sandbox.envelope import clean

MARKS = {"passed": "✓", "wrong": "✗", "error": "!", "timed_out": "⧖", "not_attempted": "○"}
WORDS = {
    "passed": "passed",
    "wrong": "wrong",
    "error": "error",
    "timed_out": "timed out",
    "not_attempted": "not attempted",
}
# Okabe & Ito's palette, which colour-blind readers can tell apart; the mark says it as well
COLOURS = {
    "passed": "#0072B2",
    "wrong": "#D55E00",
    "error": "#D55E00",
    "timed_out": "#D55E00",
    "not_attempted": "#6b6b6b",
}


def shown_path(path: Path) -> str:
    """A path as text that any terminal and any file can hold, whatever bytes its name has."""
    return clean(os.fsencode(path).decode("utf-8", "backslashreplace"), 1000)


def explain(result: Result) -> list[str]:
    """Why a check did not hold, a line each; for a secret seed nothing that could show inputs."""
    finding = result.finding
    if result.passed or finding is None:
        return []
    if result.outcome == NOT_ATTEMPTED:
        return [finding.what]
    where = f" ({_place(finding)})" if finding.line else ""
    if result.secret:
        lines = [f"With an input that you have not seen: {finding.category}{where}."]
    else:
        lines = [finding.what + where]
        if finding.expected:
            lines.append(f"Expected: {finding.expected}")
        if finding.got:
            lines.append(f"Got: {finding.got}")
    if result.sentence:
        lines.append(f"Likely reason: {result.sentence}")
    lines.append(f"Try: {result.check.advice}")
    return lines


def message(verdict: Verdict) -> str:
    """The verdict in one text: what decided it and what to do."""
    if verdict.outcome == PASSED:
        return "All checks passed."
    decisive = verdict.decisive
    lines = explain(decisive)
    if verdict.outcome != NOT_ATTEMPTED:
        lines.insert(0, f"Check: {decisive.check.title}.")
    return "\n".join(lines)


def headline(verdict: Verdict) -> str:
    """Outcome, points and reason in one line, in words of the course alone: nothing foreign."""
    line = _outcome_and_points(verdict)
    decisive = verdict.decisive
    if verdict.outcome in (PASSED, NOT_ATTEMPTED):
        return f"{line}."
    reason = decisive.sentence or f"This does not hold: {decisive.check.title}."
    return f"{line}. {reason}"


def _outcome_and_points(verdict: Verdict) -> str:
    return f"{WORDS[verdict.outcome]}, {verdict.points:g} of {verdict.task.points:g} points"


def verdict_text(verdict: Verdict) -> str:
    """A task's verdict for a terminal: headline, checks, and at most two explanations."""
    head = f"{MARKS[verdict.outcome]} {verdict.task.name}: {_outcome_and_points(verdict)}"
    if verdict.outcome == NOT_ATTEMPTED:
        return f"{head}\n    {explain(verdict.results[0])[0]}"
    lines, explained = [head], 0
    for result in _decisive_first(verdict):
        lines.append(f"  {MARKS[result.outcome]} {result.check.title}")
        if not result.passed and explained < 2:
            lines += [f"      {line}" for line in explain(result)]
            explained += 1
    if note := further_note(verdict):
        lines.append(f"  {note}")
    return "\n".join(lines)


def verdict_html(verdict: Verdict) -> str:
    """The same for a notebook or a feedback page; everything from outside is escaped."""
    colour = COLOURS[verdict.outcome]
    rows, explained = [], 0
    for result in _decisive_first(verdict):
        details = ""
        if not result.passed and explained < 2:
            details = "".join(f"<div>{html.escape(line)}</div>" for line in explain(result))
            explained += 1
        mark = f'<b style="color:{COLOURS[result.outcome]}">{MARKS[result.outcome]}</b>'
        title = html.escape(result.check.title)
        rows.append(
            '<tr><td style="vertical-align:top;padding-right:0.4em">'
            f'{mark}</td><td style="text-align:left"><div>{title}</div>'
            f'<div style="margin:0.2em 0 0.4em 1em">{details}</div></td></tr>'
        )
    if verdict.outcome == NOT_ATTEMPTED:
        text = html.escape(explain(verdict.results[0])[0])
        rows = [f'<tr><td></td><td style="text-align:left">{text}</td></tr>']
    note = html.escape(further_note(verdict))
    return (  # without TeX: an error's text may hold dollar signs
        f'<div class="tex2jax_ignore"><b style="color:{colour}">{MARKS[verdict.outcome]} '
        f"{html.escape(verdict.task.name)}: {WORDS[verdict.outcome]}</b>, "
        f"{verdict.points:g} of {verdict.task.points:g} points"
        f"<table>{''.join(rows)}</table><small>{note}</small></div>"
    )


def further_note(verdict: Verdict) -> str:
    """How many further inputs the grader will use, so that a pass is not read as a promise."""
    if verdict.outcome == NOT_ATTEMPTED or not verdict.further_seeds:
        return ""
    return f"The grader will run these checks on {verdict.further_seeds} further random inputs."


def summary_rows(verdicts: tuple[Verdict, ...]) -> list[tuple[str, str, str]]:
    """(task, outcome, points) of each verdict, and the total."""
    rows = [
        (
            verdict.task.name,
            f"{MARKS[verdict.outcome]} {WORDS[verdict.outcome]}",
            f"{verdict.points:g} / {verdict.task.points:g}",
        )
        for verdict in verdicts
    ]
    earned = sum(verdict.points for verdict in verdicts)
    possible = sum(verdict.task.points for verdict in verdicts)
    return [*rows, ("total", "", f"{earned:g} / {possible:g}")]


def summary_text(verdicts: tuple[Verdict, ...]) -> str:
    """All verdicts on a submission as a table for a terminal."""
    rows = summary_rows(verdicts)
    width = max(len(name) for name, _, _ in rows)
    lines = [f"  {name:<{width}}  {outcome:<16} {points:>10}" for name, outcome, points in rows]
    return "\n".join([*lines[:-1], "  " + "-" * (width + 29), lines[-1]])


def summary_html(verdicts: tuple[Verdict, ...]) -> str:
    """All verdicts on a submission as a table for a notebook."""
    cells = "".join(
        f'<tr><td style="text-align:left">{html.escape(name)}</td>'
        f'<td style="text-align:left">{outcome}</td><td>{points}</td></tr>'
        for name, outcome, points in summary_rows(verdicts)
    )
    return f"<table><tr><th>task</th><th>outcome</th><th>points</th></tr>{cells}</table>"


def to_json(grader: Grader, graded: list[Graded]) -> dict[str, Any]:
    """The public JSON format of a batch."""
    return {
        "exercise": grader.exercise.name,
        "isolation": grader.isolation.name,
        "submissions": [_submission_json(grader, entry) for entry in graded],
    }


def _submission_json(grader: Grader, graded: Graded) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": shown_path(graded.path),
        "points": graded.points,
        "max_points": grader.max_points,
        "tasks": [
            {
                "name": verdict.task.name,
                "outcome": verdict.outcome,
                "points": verdict.points,
                "max_points": verdict.task.points,
                "misconception": verdict.misconception,
                "message": message(verdict),
            }
            for verdict in graded.verdicts
        ],
    }
    if graded.message:
        entry["message"] = graded.message
    return entry


def _decisive_first(verdict: Verdict) -> list[Result]:
    """The checks in their order, but the one that decided leads."""
    if verdict.outcome == PASSED:
        return list(verdict.results)
    decisive = verdict.decisive
    return [decisive, *(result for result in verdict.results if result is not decisive)]


def _place(finding: Finding) -> str:
    return (
        f"{finding.place}, line {finding.line}"
        if finding.place != "file"
        else f"line {finding.line}"
    )
