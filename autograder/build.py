"""Builds what is derived: notebooks from their percent-format sources, releases, and goldens.

    solutions/NAME/NAME.py -> solutions/NAME/NAME.ipynb   (nbgrader's source version)
                           -> exercises/NAME/NAME.ipynb   (made by nbgrader generate_assignment)
                           -> autograder/exercises/NAME/goldens.json

Building twice changes nothing.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.catalogue import Exercise, Task
from autograder.checking import Answer, Case, digest
from autograder.judge import checks_of, public_case
from autograder.misconceptions import Misconception
from autograder.oracle import answer_to_json, ask, goldens_path
from autograder.sandbox.host import Fault, Limits, Sandbox, Session
from autograder.sandbox.wire import Prop
from autograder.submission import parse_cells, read_submission

SIGNIFICANT_DIGITS = 12


def build(root: Path, exercise: Exercise) -> list[Path]:
    """Rebuild everything that is derived for `exercise` in the course at `root`.

    Returns the files whose content changed.
    """
    folder = root / "solutions" / exercise.name
    source = folder / f"{exercise.name}.ipynb"
    changed = _write(source, source_notebook(folder / f"{exercise.name}.py", exercise))
    release = root / "exercises" / exercise.name / source.name
    changed += _write(release, release_notebook(root, exercise))
    text = goldens(root, exercise)
    path = goldens_path(exercise.name)
    if not (path.exists() and goldens_agree(path.read_text("utf-8"), text)):
        changed += _write(path, text)
    return changed


def _write(path: Path, text: str) -> list[Path]:
    if path.exists() and path.read_text("utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return [path]


# ---------------------------------------------------------------------- source notebook


def source_notebook(path: Path, exercise: Exercise) -> str:
    """nbgrader's source version of an exercise, from its percent-format source.

    A cell's header says what it is: `task=` (with `role="solution"` on the code cell), `question=`,
    or `name=` (with `role="locked"` where learners must not edit). The heading of a task, its
    figures, its grade cell and a question's answer cell come from the catalogue.
    """
    import jupytext
    import nbformat

    notebook = jupytext.read(path, fmt="py:percent")
    cells = [
        made for cell in notebook.cells for made in _cells_for(cell, exercise, dict(cell.metadata))
    ]
    notebook.cells = cells
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def _cells_for(cell: Any, exercise: Exercise, header: dict[str, Any]) -> Iterator[Any]:
    cell.metadata = {}
    if "task" in header:
        task = exercise.task(header["task"])
        if cell.cell_type == "markdown":
            cell.source = _task_heading(exercise, task) + "\n\n" + cell.source
            yield _with_nbgrader(cell, f"{task.name}-text", locked=True)
        else:
            yield _with_nbgrader(cell, f"{task.name}-solution", solution=True)
            yield _grade_cell(task)
    elif "question" in header:
        yield _with_nbgrader(cell, f"{header['question']}-text", locked=True)
        yield _answer_cell(header["question"], exercise.question_points)
    elif header.get("role") == "locked":
        yield _with_nbgrader(cell, header["name"], locked=True)
    else:
        cell.id = header["name"]
        yield cell


def _with_nbgrader(cell: Any, grade_id: str, points: float | None = None, **flags: bool) -> Any:
    kinds = dict.fromkeys(("grade", "solution", "locked", "task"), False) | flags
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **kinds}
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    cell.id = grade_id.replace("_", "-")
    return cell


def _grade_cell(task: Task) -> Any:
    from nbformat.v4 import new_code_cell

    cell = new_code_cell(f'check("{task.name}")')
    return _with_nbgrader(cell, task.name, grade=True, locked=True, points=task.points)


def _answer_cell(question: str, points: float) -> Any:
    from nbformat.v4 import new_markdown_cell

    cell = new_markdown_cell("*Your answer here.*")
    return _with_nbgrader(cell, question, grade=True, solution=True, points=points)


def _task_heading(exercise: Exercise, task: Task) -> str:
    number = exercise.tasks.index(task) + 1
    return (
        f"## Task {number} · {task.title}\n\n"
        f"> **{task.points:g} points** · difficulty {_dots(task.difficulty)} · "
        f"importance {_dots(task.importance)} · about {task.minutes} minutes"
    )


def _dots(level: int) -> str:
    return "●" * level + "○" * (5 - level)


# ---------------------------------------------------------------------- release


def release_notebook(root: Path, exercise: Exercise) -> str:
    """nbgrader's release version, made by nbgrader from the configuration at the root."""
    with tempfile.TemporaryDirectory() as scratch:
        course = Path(scratch)
        source = course / "solutions" / exercise.name
        shutil.copytree(root / "solutions" / exercise.name, source)
        shutil.copy(root / "nbgrader_config.py", course)
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", exercise.name]
        command += ["--force", "--no-db"]
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"nbgrader could not make the release:\n{done.stderr[-2000:]}")
        release = course / "exercises" / exercise.name
        return (release / f"{exercise.name}.ipynb").read_text("utf-8")


# ---------------------------------------------------------------------- goldens


def load_misconceptions(root: Path, exercise: Exercise) -> tuple[str, list[Misconception]]:
    """The prelude and the known wrong answers of an exercise."""
    path = root / "solutions" / exercise.name / "misconceptions.py"
    spec = importlib.util.spec_from_file_location(f"{exercise.name}_misconceptions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PRELUDE, module.MISCONCEPTIONS


def goldens(root: Path, exercise: Exercise) -> str:
    """What the reference and the known wrong answers give for the public seeds, as JSON."""
    prelude, misconceptions = load_misconceptions(root, exercise)
    reference = read_submission(root / "solutions" / exercise.name / f"{exercise.name}.ipynb")
    sentences: dict[str, dict[str, str]] = {task.name: {} for task in exercise.tasks}
    for wrong in misconceptions:
        sentences[wrong.task][wrong.name] = wrong.sentence
    questions: dict[str, Any] = {}
    with Sandbox() as sandbox:

        def open_session(statements: Any) -> Session:
            return sandbox.open(statements, Limits(cpu_seconds=60, wall_seconds=120))

        for task in exercise.tasks:
            if task.is_gate:
                continue
            wrong_code = {
                wrong.name: parse_cells([("file", prelude + wrong.code)]).slice(task.name)
                for wrong in misconceptions
                if wrong.task == task.name
            }
            with open_session(reference.slice(task.name)) as session:
                recorder = _Recorder(session, wrong_code, open_session)
                for check in checks_of(exercise.name, task.name):
                    for index in range(check.public_seeds):
                        check.function(public_case(exercise.name, check, index, session, recorder))
                recorder.close()
            questions |= recorder.questions
    data = {"sentences": sentences, "questions": questions}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


class _Recorder:
    """An oracle that asks the reference, and writes down what the wrong answers would have said."""

    def __init__(
        self, reference: Session, wrong_code: dict[str, Any], open_session: Callable[..., Session]
    ) -> None:
        self._reference = reference
        self._wrong = {name: open_session(code) for name, code in wrong_code.items()}
        self.questions: dict[str, Any] = {}

    def expected(self, case: Case, args: tuple[Any, ...], through: Prop | None = None) -> Answer:
        task = case.check.task
        answer = ask(self._reference, task, args, through)
        plain = _rounded(answer_to_json(answer))
        wrong = {}
        for name, session in self._wrong.items():
            try:
                said = _rounded(answer_to_json(ask(session, task, args, through)))
            except Fault:
                continue
            if said != plain:
                wrong[name] = said
        self.questions[f"{case.key}/{case.question}"] = {
            "inputs": digest(args),
            "answer": plain,
            "misconceptions": wrong,
        }
        return answer

    def misconceptions(self, case: Case) -> dict[str, Answer]:
        return {}

    def close(self) -> None:
        for session in self._wrong.values():
            session.close()


_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")


def _rounded(data: Any) -> Any:
    """Numbers to 12 significant digits: the last bits differ from machine to machine."""
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_rounded(value) for value in data]
    if isinstance(data, str) and _NUMBER.fullmatch(data):
        return repr(float(f"{float(data):.{SIGNIFICANT_DIGITS}g}"))
    return data


def goldens_agree(old: str, new: str) -> bool:
    """Whether two goldens differ in nothing but the last bits of another machine's arithmetic."""
    left, right = json.loads(old), json.loads(new)
    return left["sentences"] == right["sentences"] and _agree(left["questions"], right["questions"])


def _agree(left: Any, right: Any, scale: float = 1e-6) -> bool:
    """`scale` is the size of the numbers beside these: small ones of an array share its error."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_agree(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        scale = max([abs(float(x)) for x in left if _is_number(x)], default=1e-6)
        return len(left) == len(right) and all(
            _agree(a, b, scale) for a, b in zip(left, right, strict=True)
        )
    if left != right and _is_number(left) and _is_number(right):
        return abs(float(left) - float(right)) <= 2e-6 * max(abs(float(left)), scale)
    return bool(left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None
