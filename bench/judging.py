"""How long judging takes, warm and with all layers on: to a first verdict, and per submission.

    python bench/judging.py

Prints the median wall time from a file to its first verdict, and the processor seconds (judge,
warm process and children together) of one submission of `imbalance` without its gate.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from autograder.catalogue import find_exercise
from autograder.course import Course
from autograder.grading import Grader
from autograder.submission import read_submission

ROOT = Path(__file__).resolve().parents[1]
FIRST_VERDICTS, SUBMISSIONS = 40, 10


def main() -> None:
    exercise = find_exercise("imbalance")
    course = Course(ROOT)
    path = course.reference(exercise.name)
    with Grader(exercise, course, with_gate=False) as grader:
        grader.grade(path)  # warm: the process is forked from, the reference's answers are known
        first = exercise.tasks[0]
        walls = []
        for _ in range(FIRST_VERDICTS):
            time.sleep(0.05)  # the process of the verdict before has ended
            start = time.perf_counter()
            grader.verdict(read_submission(path), first)
            walls.append(time.perf_counter() - start)
        before = _cpu_seconds()
        for _ in range(SUBMISSIONS):
            grader.grade(path)
        cpu = (_cpu_seconds() - before) / SUBMISSIONS
        level = grader.isolation.name
    print(f"isolation {level}")
    print(f"file to first verdict: median {1000 * median(walls):.1f} ms of {FIRST_VERDICTS}")
    print(f"a submission without its gate: {cpu:.3f} s CPU, mean of {SUBMISSIONS}")


def _cpu_seconds() -> float:
    """Processor seconds of this process and its descendants, the ended ones included (Linux)."""
    stats = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = entry.read_text().rsplit(")", 1)[1].split()
            ticks = sum(int(field) for field in fields[11:15])
            stats[int(entry.parent.name)] = int(fields[1]), ticks
    family, total = {os.getpid()}, 0
    for pid, (parent, ticks) in sorted(stats.items()):  # parents have smaller numbers
        if pid in family or parent in family:
            family.add(pid)
            total += ticks
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
