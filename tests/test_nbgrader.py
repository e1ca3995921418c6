"""nbgrader's door: the points that the code deserves, whatever was done to the notebook."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import pytest
from conftest import REFERENCE, STARTER, SUBMISSIONS, as_notebook
from corpus import CORPORA, IMBALANCE, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.server_extensions.formgrader import handlers
from test_build import solution_lines
from test_doors import SAMPLE, some_of, split
from traitlets.config import Config, PyFileConfigLoader

from autograder import notebook
from autograder.cli import main
from autograder.course import Course
from autograder.for_nbgrader.pages import render
from autograder.grading import Grader
from autograder.sandbox.probe import Level

TASKS = [task.name for task in IMBALANCE.exercise.tasks]
ALL = {task.name: task.points for task in IMBALANCE.tasks}

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.slow]  # a course takes long to make


@dataclass
class NbGraderCourse:
    """A course of its own in a folder, driven as formgrader drives it."""

    root: Path

    @property
    def config(self) -> Config:
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    @property
    def api(self) -> NbGraderAPI:
        return NbGraderAPI(config=self.config)

    @property
    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def hand_in(
        self, student: str, content: str | bytes, when: str = "", exercise: str = "imbalance"
    ) -> Path:
        folder = self.root / "submitted" / student / exercise
        folder.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        (folder / f"{exercise}.ipynb").write_bytes(data)
        if when:
            (folder / "timestamp.txt").write_text(when)
        return folder / f"{exercise}.ipynb"

    def autograde(self, student: str = "*", exercise: str = "imbalance") -> dict[str, Any]:
        with chdir(self.root):
            return self.api.autograde(exercise, student)

    def points(self, student: str, exercise: str = "imbalance") -> dict[str, float]:
        """The automatic points of each task, as the gradebook has them."""
        with self.gradebook as gradebook:
            saved = gradebook.find_submission_notebook(exercise, exercise, student)
            return {g.name: g.auto_score for g in saved.grades if g.name != "interview_question"}

    def comments(self, student: str) -> dict[str, str]:
        with self.gradebook as gradebook:
            saved = gradebook.find_submission_notebook("imbalance", "imbalance", student)
            return {comment.name: comment.auto_comment for comment in saved.comments}

    def cells(self, student: str) -> list[dict[str, Any]]:
        path = self.root / "autograded" / student / "imbalance" / "imbalance.ipynb"
        return json.loads(path.read_text("utf-8"))["cells"]

    def feedback(self, student: str) -> str:
        with chdir(self.root):
            assert self.api.generate_feedback("imbalance", student)["success"]
        return (self.root / "feedback" / student / "imbalance" / "imbalance.html").read_text(
            "utf-8"
        )

    def formgrader_page(self, student: str) -> str:
        """The page on which an instructor reads and marks a submission."""
        config = self.config
        config.HTMLExporter.template_name = "formgrade"
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        path = self.root / "autograded" / student / "imbalance" / "imbalance.ipynb"
        resources = {"submission_id": "s", "notebook_id": "imbalance", "base_url": ""}
        resources |= {"index": 0, "total": 1}
        return HTMLExporter(config=config).from_filename(str(path), resources=resources)[0]


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What nbgrader sets for a notebook's run stays set when the run fails: undo it."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="module")
def make_course(tmp_path_factory) -> Callable[[], NbGraderCourse]:
    """Copies of a course that has been set up."""
    template = tmp_path_factory.mktemp("nbgrader") / "course"
    for corpus in CORPORA:
        for path in (corpus.reference.parent, corpus.starter.parent):
            shutil.copytree(path, template / path.relative_to(ROOT))
    shutil.copy(ROOT / "nbgrader_config.py", template)
    with chdir(template):
        assert main(["course"]) == 0

    def make() -> NbGraderCourse:
        root = tmp_path_factory.mktemp("nbgrader") / "course"
        return NbGraderCourse(Path(shutil.copytree(template, root)))

    return make


def solved() -> dict[str, Any]:
    """The released notebook with every task but the gate solved."""
    book, solution = (json.loads(path.read_text("utf-8")) for path in (STARTER, REFERENCE))
    for task in ALL:
        cell(book, f"{task}-solution")["source"] = cell(solution, f"{task}-solution")["source"]
    return book


def cell(book: dict[str, Any], grade_id: str) -> dict[str, Any]:
    return next(
        c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def shown(data: dict[str, str]) -> list[dict[str, Any]]:
    return [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}]


# ---------------------------------------------------------------------- what was done to notebooks

Book = dict[str, Any]


def _nothing(book: Book) -> None:
    """As it should be handed in."""


def _grade_cells_deleted(book: Book) -> None:
    book["cells"] = [c for c in book["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]


def _everything_of_nbgraders_gone(book: Book) -> None:
    for c in book["cells"]:
        c["metadata"] = {}


def _ids_renamed(book: Book) -> None:
    for c in book["cells"]:
        if "nbgrader" in c["metadata"]:
            c["metadata"]["nbgrader"]["grade_id"] += "-2"


def _ids_swapped(book: Book) -> None:
    one, other = cell(book, "smote"), cell(book, "focal_loss")
    marks = one["metadata"]["nbgrader"], other["metadata"]["nbgrader"]
    other["metadata"]["nbgrader"], one["metadata"]["nbgrader"] = marks


def _reordered(book: Book) -> None:
    book["cells"].reverse()


def _duplicated(book: Book) -> None:
    book["cells"] += json.loads(json.dumps(book["cells"]))


def _points_raised(book: Book) -> None:
    for c in book["cells"]:
        if "points" in c["metadata"].get("nbgrader", {}):
            c["metadata"]["nbgrader"]["points"] = 100


def _metadata_of_other_types(book: Book) -> None:
    for value, c in zip(
        [[], 7, {"grade_id": 7}, {"grade": "yes"}] * 9, book["cells"], strict=False
    ):
        c["metadata"]["nbgrader"] = value


def _types_changed(book: Book) -> None:
    for task in TASKS:
        cell(book, task)["cell_type"] = "markdown"


def _all_in_one_cell(book: Book) -> None:
    sources = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    kept = [source for source in sources if "check(" not in source and "%" not in source]
    book["cells"] = json.loads(as_notebook("\n\n".join(kept)))["cells"]


def _noisy(book: Book) -> None:
    noise = "import sys, warnings; warnings.warn('x'); print('err', file=sys.stderr)\n"
    cell(book, "setup")["source"] = noise + "".join(cell(book, "setup")["source"])


def _scratch_cells(book: Book) -> None:
    mess = ["%matplotlib inline", "!ls /", "while True: pass", "1/0", "import nothing_at_all", "(("]
    book["cells"][3:3] = json.loads(as_notebook(*mess))["cells"]


HARMLESS = [
    *(_nothing, _grade_cells_deleted, _everything_of_nbgraders_gone, _ids_renamed, _ids_swapped),
    *(_reordered, _duplicated, _points_raised, _metadata_of_other_types, _types_changed),
    *(_all_in_one_cell, _noisy, _scratch_cells),
]

FORGED: dict[str, list[dict[str, Any]]] = {
    "full": shown({"text/plain": "4"}),
    "too_much": shown({"text/plain": "100"}),
    "nan": shown({"text/plain": "nan"}),
    "negative": shown({"text/plain": "-1"}),
    "text": shown({"text/plain": "hello"}),
    "numpy_scalar": shown({"text/plain": "np.float64(2.0)"}),
    "no_text": shown({"image/png": "iVBORw0KGgo="}),
    "list": shown({"text/plain": ["1", "2"]}),
    "html": shown({"text/html": "<script>alert(1)</script>", "text/plain": "4"}),
    "stdout": [{"output_type": "stream", "name": "stdout", "text": "fine"}],
    "stderr": [{"output_type": "stream", "name": "stderr", "text": "oh"}],
    "nothing": [],
}

SPOILT = {  # the code of `smote`, and all else right
    "dies": "import os\ndef smote(X, y, k_neighbors, rng):\n    os._exit(0)",
    "crashes": "import ctypes\ndef smote(X, y, k_neighbors, rng):\n    ctypes.string_at(0)",
    "kills_its_parent": "import os\ndef smote(X, y, k_neighbors, rng):\n"
    "    os.kill(os.getppid(), 9)\n    os.kill(-1, 9)",
    "exits": "def smote(X, y, k_neighbors, rng):\n    raise SystemExit(0)",
    "does_not_parse": "def smote(X, y, k_neighbors, rng)\n    return X, y",
    "is_missing": "",
    "is_nan": "def smote(X, y, k_neighbors, rng):\n    return X * float('nan'), y",
    "says_full_marks": "def smote(X, y, k_neighbors, rng):\n    return 4.0",
    "is_a_stub": "def smote(X, y, k_neighbors, rng):\n    raise NotImplementedError",
}
DAMAGED = json.loads((SUBMISSIONS / "damaged" / "expected.json").read_text("utf-8"))


def batch() -> dict[str, str | bytes]:
    """Submissions by the name of their student."""
    made: dict[str, str | bytes] = {"starter": STARTER.read_text("utf-8")}
    for change in HARMLESS:
        book = solved()
        change(book)
        made["harmless" + change.__name__] = json.dumps(book)
    for name, outputs in FORGED.items():
        book = json.loads(STARTER.read_text("utf-8"))
        for task in TASKS:
            cell(book, task)["outputs"] = outputs
        made[f"forged_{name}"] = json.dumps(book)
    for name, code in SPOILT.items():
        book = solved()
        cell(book, "smote-solution")["source"] = code
        made[f"spoilt_{name}"] = json.dumps(book)
    for name in DAMAGED:
        made[f"damaged_{Path(name).stem}"] = (SUBMISSIONS / "damaged" / name).read_bytes()
    book = solved()
    cell(book, "interview_question")["source"] = "half a character: \ud800"
    made["surrogates"] = json.dumps(book)
    base, no_refusal, box = (
        (SUBMISSIONS / name).read_text("utf-8")
        for name in (
            "right/vectorised.py",
            "wrong/correct_prior__no_refusal.py",
            "wrong/smote__lambda_per_feature_loop.py",
        )
    )
    made["mistaken"] = as_notebook(base, no_refusal, box)
    for public in (3, 10, 14):
        tells = TELLS.replace("{public}", str(public))
        made[f"tells_{public}"] = as_notebook(base, "seen = []", tells)
    made["hostile"] = hostile_notebook()
    return made | answers()


TELLS = """
def average_precision(y_true, scores):
    y, s = np.asarray(y_true).astype(bool), np.asarray(scores)
    seen.append(len(s))
    if len(seen) > {public}:
        raise ValueError("secret " + " ".join(map(str, s)))
    order = np.argsort(-s, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(s[order])), len(s) - 1]
    hits, shown = np.cumsum(y[order])[last], last + 1
    return float(np.sum(np.diff(np.r_[0, hits / y.sum()]) * hits / shown))
"""


def answers() -> dict[str, str]:
    """The written answer in its cell, in none, and elsewhere."""
    names = ("answers", "answers_not", "answers_above", "answers_below", "answers_as_code")
    made = {name: solved() for name in names}
    cell(made["answers"], "interview_question")["source"] = "My answer."
    cell(made["answers_above"], "interview_question-text")["source"] = "My answer, up here."
    cell(made["answers_above"], "smote")["source"] = "# my notes"
    below = {
        "cell_type": "markdown",
        "id": "own",
        "metadata": {},
        "source": "My answer, down here.",
    }
    made["answers_below"]["cells"].append(below)
    cell(made["answers_as_code"], "interview_question").update(
        cell_type="code", source="My answer, as code.", outputs=[], execution_count=None
    )
    return {name: json.dumps(book) for name, book in made.items()}


@pytest.fixture(scope="module")
def graded(make_course, lending) -> NbGraderCourse:
    """A course whose whole batch has been graded in one go."""
    course = make_course()
    for student, content in batch().items():
        course.hand_in(student, content)
    linked = course.hand_in("linked", "")
    linked.unlink()
    linked.symlink_to(course.root / "solutions" / "imbalance" / "imbalance.ipynb")
    piped = course.hand_in("piped", "")
    piped.unlink()
    os.mkfifo(piped)
    with lending():
        result = course.autograde()
    assert result["success"], result
    return course


@pytest.fixture(scope="module")
def by_command(graded, lending) -> dict[str, dict[str, float]]:
    """What `shelfspace grade` gives the same files, with the same secret."""
    points = {}
    with lending(), Grader(IMBALANCE.exercise, Course(graded.root)) as grader:
        for path in sorted(graded.root.glob("submitted/*/imbalance/imbalance.ipynb")):
            verdicts = grader.grade(path).verdicts
            points[path.parts[-3]] = {verdict.task.name: verdict.points for verdict in verdicts}
    return points


@pytest.mark.parametrize("change", HARMLESS)
def test_what_is_done_to_cells_costs_no_points(graded, change):
    assert graded.points("harmless" + change.__name__) == ALL | {"coupon_model": 0}


@pytest.mark.parametrize("name", FORGED)
def test_forged_outputs_earn_nothing(graded, name):
    assert graded.points(f"forged_{name}") == dict.fromkeys(TASKS, 0)


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_task_costs_its_own_points(graded, name):
    assert graded.points(f"spoilt_{name}") == ALL | {"coupon_model": 0, "smote": 0}


@pytest.mark.slow
def test_points_are_those_of_grade(graded, by_command):
    assert len(by_command) == len(batch()) + 2
    for student, points in by_command.items():
        assert graded.points(student) == dict.fromkeys(TASKS, 0) | points, student


def test_a_file_that_cannot_be_read_earns_nothing_and_a_person_is_asked_to_look(graded):
    unreadable = [f"damaged_{Path(n).stem}" for n, e in DAMAGED.items() if not e["readable"]]
    for student in [*unreadable, "linked", "piped"]:
        assert graded.points(student) == dict.fromkeys(TASKS, 0)
        assert "This file could not be read" in json.dumps(graded.cells(student)[-1])
        assert graded.comments(student)["interview_question"].endswith(".")
        with graded.gradebook as gradebook:
            saved = gradebook.find_submission_notebook("imbalance", "imbalance", student)
            assert saved.needs_manual_grade


@pytest.mark.parametrize(
    ("corpus", "only"),
    [
        pytest.param(IMBALANCE, SAMPLE, id="imbalance-a sample"),
        *(
            pytest.param(corpus, None, marks=pytest.mark.slow, id=f"{corpus.name}-many")
            for corpus in CORPORA
        ),
    ],
)
def test_the_corpus_gets_the_points_of_grade(make_course, corpus, only):
    course = make_course()
    gate = f"def {corpus.gate.name}(*arguments):\n    raise NotImplementedError"
    for name, source in some_of(corpus, only).items():
        cells = as_notebook(*split(source), gate)
        course.hand_in(name.replace("/", "-"), cells, exercise=corpus.name)
    course.hand_in("starter", corpus.starter.read_bytes(), exercise=corpus.name)
    assert course.autograde(exercise=corpus.name)["success"]
    everything = {task.name: task.points for task in corpus.tasks} | {corpus.gate.name: 0}
    with Grader(corpus.exercise, Course(course.root)) as grader:
        for path in course.root.glob(f"submitted/*/{corpus.name}/*.ipynb"):
            student = path.parts[-3]
            given = course.points(student, corpus.name)
            verdicts = grader.grade(path).verdicts
            assert given == {verdict.task.name: verdict.points for verdict in verdicts}, path
            assert (given == everything) == student.startswith("right"), path
    assert course.points("starter", corpus.name) == dict.fromkeys(everything, 0)


# ---------------------------------------------------------------------- what people read


def test_each_task_has_its_table_and_its_line(graded):
    lines = graded.comments("spoilt_is_missing")
    assert lines["smote-solution"] == "not attempted, 0 of 4 points."
    assert lines["focal_loss-solution"] == "passed, 2 of 2 points."
    page = graded.formgrader_page("spoilt_does_not_parse")
    for text in (page, graded.feedback("spoilt_does_not_parse")):
        assert "✓ focal_loss: passed</b>, 2 of 2 points<table>" in text
        assert "The cell does not parse" in text
    assert "passed, 2 of 2 points." in graded.feedback("spoilt_does_not_parse")


def test_a_named_mistake_is_named_and_what_holds_earns_its_part(graded):
    assert 0 < graded.points("mistaken")["correct_prior"] < 2
    assert graded.comments("mistaken")["smote-solution"].startswith(
        "wrong, 0 of 4 points. You drew a new fraction for every feature"
    )


def test_the_mark_scheme_is_for_graders_only(graded):
    rubric = "Names the likely leak"
    assert rubric in graded.formgrader_page("starter")
    assert rubric not in graded.feedback("starter")
    assert rubric not in (graded.root / "exercises/imbalance/imbalance.ipynb").read_text("utf-8")


def test_feedback_holds_no_line_of_a_solution(graded):
    page = graded.feedback("starter")
    assert "Grade cell: <code>smote</code>" in page
    assert [line for line in solution_lines(IMBALANCE) if line in page] == []


def test_feedback_shows_no_secret_input(graded):
    """A check that fails tells an error's text where its input was public, and else does not."""
    told = {"public": 0, "secret": 0}
    for student in (name for name in batch() if name.startswith("tells_")):
        page = graded.feedback(student)
        verdict = page[page.index("average_precision: ") :].split("</table>")[0]
        for row in verdict.split("</tr>"):
            if "With an input that you have not seen: raised an exception" in row:
                told["secret"] += 1
                assert "ValueError" not in row
            told["public"] += "Your code raised ValueError: secret" in row
    assert all(told.values()), told


# ---------------------------------------------------------------------- hostile texts

HOSTILE = {
    "script": "<script>document.title = 'run'</script>",
    "handler": "<img src=x onerror=\"document.title = 'run'\">",
    "svg": "<svg onload=\"document.title = 'run'\"><animate onbegin=alert(1)></svg>",
    "frame": "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>",
    "link": "[a](javascript:document.title='run') <javascript:alert(1)> [b][c]\n\n"
    "[c]: javascript:alert(1)",
    "entity": '<a href="java&#115;cript:alert(1)">a</a><a href=" javascript:alert(1)">b</a>',
    "data": '<a href="data:text/html,<script>alert(1)</script>">a</a>',
    "here": "[log out](/logout) [mark](../formgrader/api/grade/1)",
    "tracking": "![x](https://example.org/x.png) ![y](/logout) ![z](x.svg)",
    "svg_image": "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "style": "<style>* {display: none}</style><p style='position:fixed'>over all</p>",
    "form": "<form action=/x><input class='score' id='smote' name=_xsrf><button>ok</button></form>",
    "imitation": "<button class='btn full-credit' id='smote'>x</button><div class='nbgrader_cell'>",
    "closing": "</div></div></body></html><script>document.title = 'run'</script>",
    "math": "$<img src=x onerror=alert(1)>$ and $$<script>alert(1)</script>$$ and "
    "\\begin{a}<svg onload=alert(1)>\\end{a}",
    "code": "```html\n<script>alert(1)</script>\n```\n`<script>alert(1)</script>`",
    "meta": "<meta http-equiv=refresh content='0;url=/logout'><base href=//example.org><link>",
    "long": "<script>alert(1)</script>" * 2000,
}


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def hostile_notebook() -> str:
    """Every hostile text in a markdown, a raw and the answer's cell, in metadata and an error."""
    book = solved()
    cell(book, "interview_question")["source"] = "\n\n".join(HOSTILE.values())[:19_000]
    for text in HOSTILE.values():
        for kind in ("markdown", "raw"):
            extra = {"cell_type": kind, "id": "x", "source": text, "metadata": {"tags": [text]}}
            extra["metadata"] |= {"raw_mimetype": "text/html", "name": text}
            extra["attachments"] = {"a": {text: text}}
            book["cells"].append(extra)
    cell(book, "smote-solution")["source"] = (
        f"def smote(X, y, k_neighbors, rng):\n    raise ValueError({HOSTILE['script']!r})"
    )
    setup = cell(book, "setup")
    setup |= {"id": HOSTILE["script"], "execution_count": HOSTILE["script"]}
    setup["metadata"]["nbgrader"]["grade_id"] = HOSTILE["script"]
    book["metadata"] = {
        "title": HOSTILE["closing"],
        "language_info": {"name": HOSTILE["closing"]},
        "kernelspec": {"name": HOSTILE["closing"], "display_name": "x"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": HOSTILE["closing"]}},
    }
    return json.dumps(book)


@pytest.mark.parametrize("page", ["formgrader_page", "feedback"])
def test_what_a_learner_wrote_adds_no_tag_that_acts(graded, page):
    """Beside the page's own tags (those of the untouched starter) only text and its formatting."""
    ours, theirs = (Tags(getattr(graded, page)(name)) for name in ("starter", "hostile"))
    own = {tag for tag, _ in ours.found}
    formatting = {"img", "b", "i", "em", "strong", "pre", "code", "p", "a", "div", "span", "td"}
    assert {tag for tag, _ in theirs.found} <= own | formatting
    for tag in ("script", "style", "link", "meta", "input", "button", "form", "textarea"):
        count = [sum(found == tag for found, _ in tags.found) for tags in (ours, theirs)]
        assert count[0] == count[1], tag
    known = {name for _, attributes in ours.found for name in attributes}
    for tag, attributes in theirs.found:
        assert set(attributes) <= known | {"src", "alt", "title", "rel"}
        if tag == "img":
            assert (attributes.get("src") or "data:image/png;base64,").startswith("data:image/png")
    links = {a.get("href") or "#" for tag, a in theirs.found if tag == "a"}
    assert {link for link in links if "javascript" in link or "logout" in link} == set()
    for tags in (ours, theirs):
        graders = [a.get("class") for _, a in tags.found if "full-credit" in (a.get("class") or "")]
        assert len(graders) == (9 if page == "formgrader_page" else 0)


def test_formatting_of_an_answer_is_kept():
    text = (
        "**bold** and $a < b$ and [a link](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    page = render(text, {})
    for kept in ("<strong>bold</strong>", "$a &lt; b$", 'href="https://example.org"', "<td>1</td>"):
        assert kept in page
    pasted = {"a.png": {"image/png": "iVBORw0KGgo="}}
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in render("![x](attachment:a.png)", pasted)
    assert "[image: x attachment:b.png]" in render("![x](attachment:b.png)", pasted)
    image = "data:image/png;base64,iVBORw0KGgo="
    assert f'src="{image}"' in render(f"![plot]({image})", {})
    assert "<details><summary>" in render("<details><summary>Help</summary>x</details>", {})


@pytest.mark.parametrize(
    "text",
    [
        "if p<t and cost>1 we mail; precision<recall and F1>0.5",
        "a <b and c> d",
        "x <!-- never closed",
        "<unknown>word</unknown>",
        "a < b > c",
    ],
)
def test_no_word_of_an_answer_is_lost(text):
    words = "".join(re.sub(r"<[^>]*>", " ", render(text, {})))
    assert html.unescape(words).split() == text.split()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "```systemd\nx\n" + " " * 5_900 + "!\n```",
        "*a _b " * 490 + "b_ a* " * 490,
        "- " * 5 + r"\[" * 2_900,
        "*a **b " * 850,
        "a." * 30_000,
        "<a " * 1_900,
    ],
)
def test_no_text_takes_long_to_show(graded, text):
    """Not a race against the clock: what is caught here took minutes."""
    start = time.process_time()
    exporter = HTMLExporter(config=graded.config)
    book = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for kind in ("markdown", "code"):
        extra = {"code": {"outputs": [], "execution_count": None}, "markdown": {}}[kind]
        book["cells"].append(
            {"cell_type": kind, "id": kind, "source": text, "metadata": {}} | extra
        )
    exporter.from_notebook_node(nbformat.from_dict(book))
    assert time.process_time() - start < 20


@settings(deadline=None)
@given(st.text(alphabet="<>\"'=/ ajvscriptonerfhd&#:;()[]!`$\\\n-_*", max_size=80))
def test_no_text_becomes_a_script(text):
    for tag, attributes in Tags(render(text, {})).found:
        assert tag not in ("script", "svg", "style", "iframe", "form", "input", "object", "math")
        assert set(attributes) <= {"href", "src", "alt", "title", "start", "rel"}
        assert "script" not in (attributes.get("href") or "").split("//")[0].lower()


# ---------------------------------------------------------------------- files beside the notebook


def test_files_beside_the_notebook_reach_nobody_and_cost_nothing(make_course, tmp_path):
    course = make_course()
    secret = course.root / "course_secret"
    folder = course.hand_in("ann", json.dumps(solved()), when="no time at all").parent
    (folder / "s.html").symlink_to(secret)
    (folder / "nowhere").symlink_to(folder / "is not there")
    (folder / "zero.dat").symlink_to("/dev/zero")
    (folder / "folder").symlink_to(course.root / "solutions")
    os.mkfifo(folder / "pipe.dat")
    (folder / "notes.html").write_text("<script>alert(1)</script>")
    assert course.autograde()["success"]
    assert course.points("ann") == ALL | {"coupon_model": 0}
    course.feedback("ann")
    names = {path.name for path in (course.root / "feedback/ann/imbalance").iterdir()}
    assert names == {"imbalance.html", "timestamp.txt"}


def test_collect_follows_no_link(make_course):
    course = make_course()
    with chdir(course.root):
        assert course.api.release_assignment("imbalance")["success"]
    inbound = course.root / "exchange/shelfspace/inbound/eve+imbalance+2026-03-01 10:00:00 UTC"
    inbound.mkdir()
    (inbound / "imbalance.ipynb").symlink_to(course.root / "solutions/imbalance/imbalance.ipynb")
    (inbound / "secret.html").symlink_to(course.root / "course_secret")
    (inbound / "all").symlink_to(course.root / "solutions")
    os.mkfifo(inbound / "pipe")
    (inbound / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    with chdir(course.root):
        done = course.api.collect("imbalance")
    assert done["success"], done
    collected = {path.name for path in (course.root / "submitted/eve/imbalance").rglob("*")}
    assert collected == {"timestamp.txt"}


def test_nothing_but_the_notebook_is_released(make_course):
    course = make_course()
    strays = ("imbalance.py~", ".imbalance.py.swp", "imbalance.html", "marks.txt", "x.bak")
    for name in strays:
        (course.root / "solutions/imbalance" / name).write_text("an answer")
    with chdir(course.root):
        assert course.api.generate_assignment("imbalance")["success"]
    assert [p.name for p in (course.root / "exercises/imbalance").iterdir()] == ["imbalance.ipynb"]
    assert (
        course.root / "exercises/imbalance/imbalance.ipynb"
    ).read_bytes() == STARTER.read_bytes()


# ---------------------------------------------------------------------- an instructor's term


def test_what_stood_in_a_locked_cell_is_kept(graded):
    sources = ["".join(c["source"]) for c in graded.cells("answers_above")]
    for kept in ("My answer, up here.", "# my notes", 'check("smote")'):
        assert kept in sources


def test_a_person_is_asked_to_look_where_an_answer_may_stand(graded):
    looks, comments = {}, {}
    for student in answers():
        with graded.gradebook as gradebook:
            looks[student] = gradebook.find_submission("imbalance", student).needs_manual_grade
        comments[student] = graded.comments(student)["interview_question"]
    assert looks == {student: student != "answers_not" for student in answers()}
    assert comments["answers_not"] == "No response."
    assert "there is text in other cells" in comments["answers_below"]


def test_a_second_attempt_keeps_the_marks_of_a_person_and_lateness_costs(graded):
    course = graded
    with course.gradebook as gradebook:
        gradebook.update_or_create_assignment("imbalance", duedate="2026-03-01 12:00:00.000000 UTC")
    first = solved()
    cell(first, "smote-solution")["source"] = ""
    cell(first, "interview_question")["source"] = "My answer."
    course.hand_in("ann", json.dumps(first), when="2026-03-01 11:00:00 UTC")
    assert course.autograde("ann")["success"]
    with course.gradebook as gradebook:
        grade = gradebook.find_grade("interview_question", "imbalance", "imbalance", "ann")
        grade.manual_score, grade.needs_manual_grade = 4, False
        gradebook.db.commit()
        submission = gradebook.find_submission("imbalance", "ann")
        assert (submission.score, submission.late_submission_penalty) == (13 + 4, 0)
    second = solved()
    cell(second, "interview_question")["source"] = "My better answer."
    course.hand_in(
        "ann", json.dumps(second), when="2026-03-02 13:00:00 UTC"
    )  # a day and an hour late
    with chdir(course.root):  # newer, so without force
        assert course.api.autograde("imbalance", "ann", force=False)["success"]
    with course.gradebook as gradebook:
        submission = gradebook.find_submission("imbalance", "ann")
        assert (submission.score, submission.late_submission_penalty) == (17 + 4, 2 * 2)
        assert submission.needs_manual_grade  # the answer changed


def test_a_regrade_gives_the_same_points(graded):
    before = graded.points("harmless_nothing")
    assert graded.autograde("harmless_nothing")["success"]
    assert graded.points("harmless_nothing") == before


def test_setting_up_again_changes_nothing(make_course, capsys):
    course = make_course()

    def state() -> Any:
        files = {
            p: p.read_bytes() for p in course.root.rglob("*") if p.is_file() and p.suffix != ".db"
        }
        return files, list(sqlite3.connect(course.root / "gradebook.db").iterdump())

    before = state()
    with chdir(course.root):
        assert main(["course"]) == 0
    assert state() == before
    said = capsys.readouterr().out
    assert all(f"{corpus.name} is up to date" in said for corpus in CORPORA)
    assert (course.root / "exchange").stat().st_mode & 0o777 == 0o777


def change(path: Path, change: Callable[[Book], None]) -> None:
    book = json.loads(path.read_text("utf-8"))
    change(book)
    path.write_text(json.dumps(book))


def test_setting_up_says_what_stands_in_its_way(make_course, capsys):
    course = make_course()
    source = course.root / "solutions/imbalance/imbalance.ipynb"
    release = course.root / "exercises/imbalance/imbalance.ipynb"
    kept = source.read_bytes(), release.read_bytes()

    def complaint() -> str:
        with chdir(course.root):
            assert main(["course"]) == 2
        source.write_bytes(kept[0])
        release.write_bytes(kept[1])
        return capsys.readouterr().err

    change(release, lambda book: cell(book, "smote-solution").update(source="my own work"))
    (release.parent / "notes.txt").write_text("mine")
    work = release.read_bytes()
    with chdir(course.root):
        assert main(["course"]) == 2
    assert (release.read_bytes(), (release.parent / "notes.txt").read_text()) == (work, "mine")
    assert "Move changes of yours elsewhere" in complaint()
    change(release, lambda book: book["cells"].remove(cell(book, "smote-solution")))
    assert "Move changes of yours elsewhere" in complaint()
    release.unlink()
    assert "Run `shelfspace build`" in complaint()
    source.write_text("{")
    assert "Run `shelfspace build`" in complaint()
    with course.gradebook as gradebook:
        gradebook.add_student("ann")
        gradebook.add_submission("imbalance", "ann")
    change(source, lambda book: book["cells"].remove(cell(book, "focal_loss")))
    assert "because there are submissions" in complaint()
    (course.root / "exchange").rmdir()
    (course.root / "exchange").write_text("")
    assert "is no folder" in complaint()
    (course.root / "exchange").unlink()
    (course.root / "gradebook.db").write_text("no database")
    assert "is no gradebook" in complaint()
    (course.root / "nbgrader_config.py").unlink()
    assert "nbgrader_config.py is missing" in complaint()


def test_setting_up_elsewhere_says_where_to(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["course"]) == 2
    assert "at the root of the repository" in capsys.readouterr().err


def test_a_weak_sandbox_is_refused(make_course, monkeypatch):
    course = make_course()
    course.hand_in("ann", json.dumps(solved()))
    monkeypatch.setattr("autograder.sandbox.host.Sandbox.level", Level("WEAK", ("no fence",)))
    result = course.autograde()
    assert not result["success"]
    assert "set c.SandboxedChecks.allow_weak" in result["log"]
    assert set(course.points("ann").values()) == {None}


# ---------------------------------------------------------------------- a learner's side


@pytest.mark.parametrize("execution", ["validate", "autograde"])
def test_where_nbgrader_runs_a_check_its_text_is_the_points(monkeypatch, capsys, execution):
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    namespace: dict[str, Any] = {}
    exec((SUBMISSIONS / "right" / "vectorised.py").read_text("utf-8"), namespace)
    namespace["focal_loss"] = lambda *arguments: 4.0
    monkeypatch.setattr(notebook, "_namespace", lambda: namespace)
    assert repr(notebook.check("smote")) == "4.0"
    assert capsys.readouterr().err == ""
    assert repr(notebook.check("focal_loss")) == "0.0"
    assert ("focal_loss: wrong" in capsys.readouterr().err) == (execution == "validate")
    assert repr(notebook.check("no_such_task")) == "0.0"


@pytest.mark.slow
def test_validate_says_what_does_not_hold(tmp_path):
    for path, says in (
        (STARTER, ["VALIDATION FAILED ON 9 CELL(S)", "smote: not attempted, 0 of 4 points"]),
        (REFERENCE, ["Success! Your notebook passes all the tests."]),
    ):
        shutil.copy(path, tmp_path / "imbalance.ipynb")
        done = run_nbgrader(tmp_path, "validate", "imbalance.ipynb")
        for text in says:
            assert text in done.stdout


def run_nbgrader(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """A stock command, as a person types it; it must succeed."""
    environment = os.environ | {"JUPYTER_DATA_DIR": str(folder / ".jupyter")} | variables
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done


@pytest.mark.slow
def test_the_whole_round_with_stock_commands(make_course, tmp_path):
    course = make_course()
    exchange = f"--Exchange.root={course.root / 'exchange'}"
    learner = "--course=shelfspace", exchange
    run_nbgrader(course.root, "release_assignment", "imbalance")
    released = [p for p in (course.root / "exchange").rglob("*") if p.is_file()]
    assert [path.name for path in released] == ["imbalance.ipynb"]
    assert "imbalance" in run_nbgrader(tmp_path, "list", *learner).stderr

    run_nbgrader(tmp_path, "fetch_assignment", "imbalance", *learner)
    work = tmp_path / "imbalance" / "imbalance.ipynb"
    assert work.read_bytes() == STARTER.read_bytes()
    book = solved()
    cell(book, "interview_question")["source"] = "My answer."
    work.write_text(json.dumps(book))
    run_nbgrader(tmp_path, "submit", "imbalance", *learner)

    run_nbgrader(course.root, "collect", "imbalance")
    student = next((course.root / "submitted").iterdir()).name
    run_nbgrader(course.root, "autograde", "imbalance")
    assert course.points(student) == ALL | {"coupon_model": 0}
    with course.gradebook as gradebook:
        grade = gradebook.find_grade("interview_question", "imbalance", "imbalance", student)
        assert grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        comment = gradebook.find_comment("interview_question", "imbalance", "imbalance", student)
        comment.manual_comment = "Says well how to check it."
        gradebook.db.commit()
    run_nbgrader(course.root, "generate_feedback", "imbalance")
    run_nbgrader(course.root, "release_feedback", "imbalance")
    run_nbgrader(tmp_path, "fetch_feedback", "imbalance", *learner)
    page = next((tmp_path / "imbalance" / "feedback").rglob("*.html")).read_text("utf-8")
    assert "imbalance (Score: 20.5 / 25.0)" in page
    assert "Says well how to check it." in page

    run_nbgrader(course.root, "export")
    with (course.root / "grades.csv").open() as file:
        scores = {row["assignment"]: row["score"] for row in csv.DictReader(file)}
    assert scores["imbalance"] == "20.5"
    assert set(scores) == {corpus.name for corpus in CORPORA}

    second = json.loads(work.read_text())
    cell(second, "smote-solution")["source"] = ""
    work.write_text(json.dumps(second))
    run_nbgrader(tmp_path, "submit", "imbalance", *learner)
    run_nbgrader(course.root, "collect", "imbalance", "--update")
    run_nbgrader(course.root, "autograde", "imbalance")
    assert course.points(student)["smote"] == 0


@pytest.fixture
def formgrader(make_course) -> Iterator[tuple[NbGraderCourse, Callable[..., Any]]]:
    """A course, and a way to ask the formgrader of a running Jupyter server."""
    course = make_course()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += [
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=t",
    ]
    environment = os.environ | {"JUPYTER_DATA_DIR": str(course.root / ".jupyter")}
    log = (course.root / "server.log").open("w")
    server = subprocess.Popen(command, cwd=course.root, env=environment, stderr=log, stdout=log)

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{port}/formgrader/{path}"
        headers = {"Authorization": "token t"}
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as response:
            text = response.read().decode()
        return json.loads(text) if path.startswith("api/") else text

    for _ in range(120):
        try:
            ask("GET", "api/assignments")
            break
        except OSError:
            time.sleep(0.5)
    yield course, ask
    server.terminate()
    server.wait(30)
    log.close()


@pytest.mark.slow
def test_the_whole_round_in_formgrader(formgrader, tmp_path):
    course, ask = formgrader
    learner = "--course=shelfspace", f"--Exchange.root={course.root / 'exchange'}"
    names = {assignment["name"] for assignment in ask("GET", "api/assignments")}
    assert names == {corpus.name for corpus in CORPORA}
    assert ask("POST", "api/assignment/imbalance/assign")["success"]
    assert ask("POST", "api/assignment/imbalance/release")["success"]
    run_nbgrader(tmp_path, "fetch_assignment", "imbalance", *learner)
    book = solved()
    cell(book, "interview_question")["source"] = "My answer."
    (tmp_path / "imbalance" / "imbalance.ipynb").write_text(json.dumps(book))
    run_nbgrader(tmp_path, "submit", "imbalance", *learner)
    assert ask("POST", "api/assignment/imbalance/collect")["success"]
    student = ask("GET", "api/submissions/imbalance")[0]["student"]
    done = ask("POST", f"api/submission/imbalance/{student}/autograde")
    assert done["success"], done

    (submission,) = ask("GET", "api/submitted_notebooks/imbalance/imbalance")
    assert (submission["score"], submission["needs_manual_grade"]) == (17, True)
    page = ask("GET", f"submissions/{submission['id']}/")
    assert "✓ smote: passed</b>, 4 of 4 points<table>" in page
    assert "Names the likely leak" in page
    grades = ask("GET", f"api/grades?submission_id={submission['id']}")
    answer = next(grade for grade in grades if grade["name"] == "interview_question")
    ask("PUT", f"api/grade/{answer['id']}", {"manual_score": 3.5, "extra_credit": 0})
    assert ask("GET", f"api/submission/imbalance/{student}")["score"] == 20.5

    assert ask("POST", f"api/assignment/imbalance/{student}/generate_feedback")["success"]
    assert ask("POST", f"api/assignment/imbalance/{student}/release_feedback")["success"]
    run_nbgrader(tmp_path, "fetch_feedback", "imbalance", *learner)
    page = next((tmp_path / "imbalance" / "feedback").rglob("*.html")).read_text("utf-8")
    assert "imbalance (Score: 20.5 / 25.0)" in page
