"""The loader: what it cuts out of a notebook, and what it says of one that it cannot read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submission import Broken, Unreadable, parse_cells, read_submission


def cut(name: str, *cells: str) -> list[str]:
    """The sources of the statements that `name` needs."""
    numbered = [(f"cell {number}", source) for number, source in enumerate(cells, start=1)]
    statements = parse_cells(numbered).slice(name)
    return [] if statements is None else [statement.source for statement in statements]


def run(name: str, *cells: str) -> Any:
    """The value that the slice of `name` leaves."""
    namespace: dict[str, Any] = {}
    for source in cut(name, *cells):
        # annotations stay text, as in the sandbox
        exec(compile(source, name, "exec", flags=annotations.compiler_flag), namespace)
    return namespace[name]


def test_a_contract_brings_what_it_needs_and_nothing_else():
    kept = cut(
        "f",
        "import numpy as np\nimport missing_plot_library as plt",
        "table = {}\nfor i in range(3):\n    table[i] = 2 * i",
        "def helper(x):\n    return table[x]",
        "plt.plot(table)\nunused = helper(1)",
        "def f(x):\n    return np.sum(helper(x))",
    )
    assert kept == [
        "import numpy as np",
        "table = {}",
        "for i in range(3):\n    table[i] = 2 * i",
        "def helper(x):\n    return table[x]",
        "def f(x):\n    return np.sum(helper(x))",
    ]


def test_the_last_binding_wins_and_dead_ones_do_not_run():
    assert run("f", "f = missing()", "def f():\n    return 1", "def f():\n    return 2")() == 2


def test_a_value_read_before_it_is_replaced_is_the_old_one():
    assert run("f", "x = 1", "y = x + 1", "x = 10", "def f():\n    return x, y")() == (10, 2)


def test_a_helper_may_stand_in_a_later_cell():
    assert run("f", "def f():\n    return later()", "def later():\n    return 3")() == 3


@pytest.mark.parametrize(
    "change",
    [
        "box.append(2)",
        "box += [2]",
        "box[0:] = [1, 2]",
        "if True:\n    box.append(2)",
        "for i in [2]:\n    box.append(i)",
        "with open('/dev/null') as g:\n    box.append(2)",
        "try:\n    box.append(2)\nfinally:\n    pass",
        "import heapq\nheapq.heappush(box, 2)",
        "def fill(target):\n    target.append(2)\nfill(box)",
        "def fill():\n    box.append(2)\nfill()",
        "def fill():\n    global box\n    box = [1, 2]\nfill()",
        "def note(function):\n    box.append(2)\n    return function\n@note\ndef g():\n    pass",
        "[box.append(i) for i in [2]]",
        "_ = box.append(2)",
        "(box := [1, 2])",
        "box.append(2); other = 1",
        "def fill(n, target=None):\n    target.append(n)\nfill(2, target=box)",
        "import operator\nbox.append(0)\noperator.setitem(box, 1, 2)",
        "class R:\n    def add(self, f):\n        box.append(2)\nbox = [1, 2]",
    ],
)
def test_statements_that_change_a_needed_name_are_kept(change):
    assert run("f", "box = [1]", change, "def f():\n    return box")() == [1, 2]


def test_classes_decorators_defaults_and_lambdas_find_their_names():
    cells = (
        "import functools\nbase = 2\nscale = 3",
        "class A:\n    step = base\n    both = [step, scale]\n"
        "    def value(self):\n        return late + self.step",
        "late = 5",
        "@functools.lru_cache\ndef f(x=scale):\n    return A().value() + x + g(1)",
        "g = lambda y: y + base",
    )
    assert run("f", *cells)() == 5 + 2 + 3 + 1 + 2


@pytest.mark.parametrize(
    "decorator", ["registry.register", 'registry.register_as("g")', "Registry.shared.register"]
)
def test_a_decorator_that_keeps_what_it_decorates_brings_it(decorator):
    registry = """
class Registry:
    def __init__(self):
        self.known = []
    def register(self, f):
        self.known.append(f)
        return f
    def register_as(self, name):
        return self.register
Registry.shared = registry = Registry()
"""
    cells = (registry, f"@{decorator}\ndef g():\n    return 7")
    assert run("f", *cells, "def f():\n    return registry, Registry")()[0].known[0]() == 7


def test_names_local_to_a_function_pull_nothing_in():
    assert cut("f", "x = missing()", "def f():\n    x = 1\n    return x") == [
        "def f():\n    x = 1\n    return x"
    ]


@pytest.mark.parametrize(
    "user",
    [
        "def f():\n    return sorted([3, 1], key=lambda x: -x)[0]",
        "def f():\n    return [x for x in [3]][0]",
        "def f():\n    def inner(x):\n        return x\n    return inner(3)",
        "def f():\n    class A:\n        x = 3\n        y = x\n    return A.y",
        "def f():\n    try:\n        raise KeyError\n    except KeyError as x:\n        return 3",
        "f = lambda x=3: x",
        "def f(x: missing = 3) -> x:\n    return x",
    ],
)
def test_local_names_of_every_kind_of_scope_pull_nothing_in(user):
    assert run("f", "x = missing()", user)() == 3


def test_a_loop_does_not_need_what_it_binds_itself():
    loop = "for x in [1, 2]:\n    y = x + 1\n    table[x] = y\nelse:\n    x = 0"
    cells = ("table = {}", "x = missing()", "y = missing()", loop, "def f():\n    return table")
    assert run("f", *cells)() == {1: 2, 2: 3}


def test_a_comprehensions_variable_does_not_hide_the_global_of_that_name():
    assert run("f", "x = 5", "def f():\n    return sum([x for x in [1]]) + x")() == 6


def test_looking_at_a_needed_object_is_not_changing_it():
    cells = ("box = [1]", "where = box.index(7)", "print(box.count(1))", "def f():\n    return box")
    assert run("f", *cells)() == [1]


def test_changing_what_a_function_returned_is_not_changing_the_function():
    cells = ("def f():\n    return [0]", "f().append(len(undefined))", "f()[0] = undefined")
    assert run("f", *cells)() == [0]


def test_magics_are_left_out_and_cells_under_time_are_kept():
    cells = (
        "%matplotlib inline\nimport math\n!ls\nfiles = !ls\nmath?",
        "%%bash\nrm -rf everything",
        "%%time\ndef f():\n    return math.pi % 3",
    )
    assert run("f", *cells)() == pytest.approx(0.14159, abs=1e-4)


def test_a_broken_cell_spoils_only_what_depends_on_it():
    cells = ("def f():\n    return 1", "def g(:\n    pass", "def h():\n    return g()", "x = (1,")
    assert cut("f", *cells)
    with pytest.raises(Broken) as caught:
        cut("g", *cells)
    assert (caught.value.place, caught.value.line) == ("cell 2", 1)
    with pytest.raises(Broken):
        cut("h", *cells)


def test_a_broken_cell_that_is_mended_later_does_no_harm():
    assert run("g", "def g(:\n    pass", "def g():\n    return 4")() == 4


def test_a_name_that_nothing_binds_is_none():
    assert parse_cells([("cell 1", "x = 1")]).slice("f") is None


def test_star_imports_serve_names_that_nothing_else_binds():
    assert run("f", "from math import *", "def f():\n    return floor(2.5)")() == 2


def test_future_imports_and_several_statements_on_a_line():
    assert run(
        "f", "from __future__ import annotations", "a = 1; b = 2\ndef f(): return a, b"
    )() == (
        1,
        2,
    )


NAMES = st.sampled_from(["a", "b", "c", "d"])
LINES = st.one_of(
    st.builds("{} = {}".format, NAMES, st.integers(0, 9)),
    st.builds("{} = [{}] * 2".format, NAMES, NAMES),
    st.builds("{0} = ({1}, {2})".format, NAMES, NAMES, NAMES),
    st.builds("box.append({})".format, NAMES),
    st.builds("box[0] = {}".format, NAMES),
    st.builds("if len(box) > {}:\n    {} = len(box)".format, st.integers(1, 5), NAMES),
    st.builds("for {} in range({}):\n    box.append(1)".format, NAMES, st.integers(0, 3)),
    st.builds("def f():\n    return {}, len(box)".format, NAMES),
    st.builds("{} = f()".format, NAMES),
    st.builds("def f():\n    return g(), {}".format, NAMES),
    st.builds("def g():\n    return {}".format, NAMES),
    st.builds("{0}, {1} = {1}, {0}".format, NAMES, NAMES),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=14))
def test_a_slice_leaves_what_run_all_leaves(lines):
    start = ["a = b = c = d = 0", "box = [0]", "def g():\n    return 1", "def f():\n    return 2"]
    cells = [*start, *lines]
    whole: dict[str, Any] = {}
    for source in cells:
        exec(source, whole)
    assert run("f", *cells)() == whole["f"]()
    assert run("box", *cells) == whole["box"]


# ---------------------------------------------------------------------- files


def notebook(*sources: Any) -> str:
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_sources_may_be_lists_of_lines(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(["def f():\n", "    return 1"]))
    statements = read_submission(path).slice("f")
    assert statements is not None
    assert statements[0].place == "cell 1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a notebook"),
        (b"{ not json", "not a notebook"),
        (notebook("x = 1").encode()[:-20], "not a notebook"),
        (b"[" * 100_000, "not a notebook"),
        (b'{"cells": ' + b"9" * 100_000 + b"}", "not a notebook"),
        (b'{"worksheets": [], "nbformat": 3}', "before 2015"),
        (b'{"cells": {}}', "not a notebook"),
        (b"3", "not a notebook"),
        (b'{"cells": [3]}', "damaged"),
        (notebook({"a": 1}).encode(), "not text"),
        (notebook("x = 1").encode("utf-16"), "UTF-8"),
        (notebook("x = '" + "a" * (1 << 20) + "'").encode(), "million characters"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, content, says):
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=says):
        read_submission(path)


def test_links_pipes_folders_and_giants_are_refused(tmp_path):
    import os

    target = tmp_path / "n.ipynb"
    target.write_text(notebook("x = 1"))
    (tmp_path / "link.ipynb").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    with (tmp_path / "giant.ipynb").open("wb") as file:
        file.truncate(100 << 20)
    for name, says in {
        "link": "symbolic link",
        "pipe": "regular file",
        "folder": "regular file",
        "giant": "larger than 32 MB",
        "nowhere": "cannot be opened",
    }.items():
        with pytest.raises(Unreadable, match=says):
            read_submission(tmp_path / f"{name}.ipynb")


@pytest.mark.parametrize(
    "source",
    [
        "[x for x in " * 40 + "X" + "]" * 40,
        "\n" * 200_000 + "def (:",
        "x = []\n" + "x.append(1)\n" * 3000 + "def f():\n    return x",
        "\n".join(f"a{i % 7} = a{i * 3 % 7} + a{i * 5 % 7}" for i in range(4000)),
        "%matplotlib inline\n" * 600 + "def f(:",
        "x = 1\rdef f():\r    return x\r",
    ],
)
def test_code_made_to_keep_the_judge_busy_does_not(source):
    import time

    start = time.process_time()
    submission = parse_cells([("cell 1", source), ("cell 2", "def f():\n    return x, a1")])
    assert submission.slice("f") is not None
    assert time.process_time() - start < 5  # it takes a fraction; without care it took minutes


def test_too_many_statements_are_refused():
    with pytest.raises(Unreadable, match="5000"):
        parse_cells([("cell 1", "a = 1\n" * 6000)])


@pytest.mark.parametrize(
    "source", ["(" * 5000 + ")" * 5000, "-" * 50_000 + "1", "x = '\0'", "a" + ".b" * 20_000]
)
def test_code_that_overwhelms_the_parser_is_an_outcome(source):
    submission = parse_cells([("cell 1", source), ("cell 2", "def f():\n    return 1")])
    assert submission.slice("f") is not None


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        ("def f(x):\n    raise NotImplementedError", True),
        ('def f(x):\n    """What it does."""\n    raise NotImplementedError', True),
        ("def f(x):\n    return x", False),
        ("def f(x):\n    raise NotImplementedError\n    return x", False),
        ("def f(x):\n    if x:\n        raise NotImplementedError", False),
        ("@wrapped\ndef f(x):\n    raise NotImplementedError", False),
        ("def f(x):\n    raise NotImplementedError\nf = print", False),
        ("def f(x):\n    raise NotImplementedError\ndef f(x):\n    return x", False),
        ("def f(x):\n    return x\ndef f(x):\n    raise NotImplementedError", True),
        ("f = lambda x: x", False),
        ("class f:\n    def __init__(self):\n        raise NotImplementedError", False),
        ("def g():\n    pass", False),
    ],
)
def test_a_stub_is_known_without_running_it(source, stub):
    assert parse_cells([("cell 1", source)]).is_stub("f") is stub
