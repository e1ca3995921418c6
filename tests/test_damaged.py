"""Damaged hand-ins: one clear outcome each, and the rest of the batch is graded."""

from __future__ import annotations

import json
import os

import pytest
from conftest import STARTER, SUBMISSIONS, as_notebook

from autograder.cli import main

DAMAGED = SUBMISSIONS / "damaged"
EXPECTED = json.loads((DAMAGED / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def report(lending, tmp_path_factory):
    """What `grade --json` says of a folder full of damaged files, with a good one at its end."""
    folder = tmp_path_factory.mktemp("damaged")
    for name in EXPECTED:
        (folder / name).write_bytes((DAMAGED / name).read_bytes())
    good = (SUBMISSIONS / "right" / "vectorised.py").read_text("utf-8")
    (folder / "zz_good.ipynb").write_text(as_notebook(good))
    (folder / "link.ipynb").symlink_to(folder / "zz_good.ipynb")
    os.mkfifo(folder / "pipe.ipynb")
    padding = json.loads(STARTER.read_text("utf-8"))
    padding["metadata"]["padding"] = "x" * (100 << 20)
    (folder / "giant.ipynb").write_text(json.dumps(padding))
    out = folder / "out.txt"
    with pytest.MonkeyPatch.context() as patch, out.open("w") as file, lending():
        patch.chdir(folder)
        patch.setattr("sys.stdout", file)
        assert main(["grade", "imbalance", str(folder), "--json", "--no-gate"]) == 0
    entries = json.loads(out.read_text())["submissions"]
    return {os.path.basename(entry["path"]): entry for entry in entries}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_damaged_file_has_one_clear_outcome(report, name):
    expected, entry = EXPECTED[name], report[name]
    if not expected["readable"]:
        assert entry["tasks"] == []
        assert entry["points"] == 0
        assert entry["message"].endswith(".")
        return
    assert "message" not in entry
    outcomes = {task["name"]: task["outcome"] for task in entry["tasks"]}
    assert {name: expected["tasks"].get(name, outcomes[name]) for name in outcomes} == outcomes


@pytest.mark.parametrize(
    ("name", "says"),
    [("link.ipynb", "symbolic link"), ("pipe.ipynb", "regular file"), ("giant.ipynb", "32 MB")],
)
def test_links_pipes_and_giants_are_refused(report, name, says):
    assert says in report[name]["message"]


def test_the_rest_of_the_batch_is_graded(report):
    assert report["zz_good.ipynb"]["points"] == 17
    assert len(report) == len(EXPECTED) + 4
