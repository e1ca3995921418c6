"""The command `shelfspace`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.catalogue import Exercise, exercises, find_exercise, find_task
from autograder.checking import GraderError
from autograder.course import Course
from autograder.sandbox.host import SandboxError

if TYPE_CHECKING:
    from autograder.grading import Graded, Grader
    from shelfspace.runs import Run

WORKSPACE = Path("workspace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 well, 1 something is not solved, 2 a problem."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except (GraderError, KeyError, OSError, Problem, SandboxError) as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"shelfspace: {text}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class Problem(Exception):
    """Something that the user can put right; the message says how."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shelfspace", description="Prepare for machine-learning interviews in e-commerce."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser("start", help="lay out the workspace and open it in JupyterLab")
    start.add_argument(
        "--headless",
        action="store_true",
        help="judge the reference and the untouched starter instead, and print both tables",
    )
    start.set_defaults(run=_start)

    listing = commands.add_parser("list", help="list the exercises and their tasks")
    listing.set_defaults(run=_list)

    check = commands.add_parser("check", help="check your own notebook, as the grader will")
    check.add_argument("what", nargs="?", help="an exercise, a task, or a notebook (default: all)")
    check.add_argument("--watch", action="store_true", help="check again what each save changed")
    check.set_defaults(run=_check)

    hint = commands.add_parser("hint", help="show a hint for a task")
    hint.add_argument("task")
    hint.add_argument("number", nargs="?", type=int, default=1, help="1 (a nudge) to 3")
    hint.set_defaults(run=_hint)

    grade = commands.add_parser("grade", help="grade submissions, without nbgrader")
    grade.add_argument("exercise")
    grade.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    grade.add_argument("--json", action="store_true", help="print the public JSON format")
    grade.add_argument("--no-gate", action="store_true", help="leave the last, measured task out")
    grade.add_argument(
        "--allow-weak",
        action="store_true",
        help="grade although the sandbox on this machine is WEAK; only for files that you trust",
    )
    grade.set_defaults(run=_grade)

    run = commands.add_parser("run", help="run an exercise's pipeline, with your functions in it")
    run.add_argument("exercise")
    run.add_argument("--size", choices=("small", "full"), default="small")
    run.add_argument(
        "--solution",
        type=Path,
        metavar="NOTEBOOK",
        help="default: the course's reference where there is one, else your notebook",
    )
    run.add_argument("--seed", type=int, help="another one than the settings have")
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another value of a setting, such as steps=40; may be repeated",
    )
    run.add_argument("--resume", action="store_true", help="go on with a run that was interrupted")
    run.set_defaults(run=_run)

    results = commands.add_parser("results", help="list the records of runs, and which are stale")
    results.add_argument("exercise", nargs="?", help="default: all")
    results.set_defaults(run=_results)

    serve = commands.add_parser("serve", help="start the recommendation service on this machine")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000; 0 takes a free one")
    serve.add_argument(
        "--log",
        type=Path,
        default=WORKSPACE / "serving" / "events.log",
        metavar="PATH",
        help="the events, which are replayed at the start (default: %(default)s)",
    )
    serve.add_argument(
        "--no-sync",
        action="store_true",
        help="acknowledge events before they are on the disk: faster, but a power cut loses some",
    )
    serve.set_defaults(run=_serve)

    course = commands.add_parser("course", help="make this clone a course that nbgrader can run")
    course.set_defaults(run=_course)

    build = commands.add_parser("build", help="rebuild notebooks, releases and goldens (authors)")
    build.add_argument("exercise", nargs="?", help="default: all")
    build.set_defaults(run=_build)
    return parser


# ---------------------------------------------------------------------- start


def _start(arguments: argparse.Namespace) -> int:
    first = next(iter(exercises().values()))
    if arguments.headless:
        return _judge_both(first)
    from autograder.workspace import lay_out

    added, kept = lay_out(WORKSPACE)
    if added:
        print(f"Added to {WORKSPACE}/: {', '.join(_short(path) for path in added)}.")
    if kept:
        print(f"Left alone, because it is yours: {', '.join(_short(path) for path in kept)}.")
    notebook = WORKSPACE / first.name / f"{first.name}.ipynb"
    print(f"Opening {notebook} in JupyterLab. Press Ctrl+C here to stop it.")
    sys.stdout.flush()
    return _open_lab(notebook)


def _open_lab(notebook: Path) -> int:
    place = notebook.relative_to(WORKSPACE).as_posix()
    command = [sys.executable, "-m", "jupyter", "lab", f"--LabApp.default_url=/lab/tree/{place}"]
    command.append(f"--ServerApp.root_dir={WORKSPACE.resolve()}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.execv(sys.executable, command)


def _short(path: Path) -> str:
    return str(path.relative_to(WORKSPACE))


def _judge_both(exercise: Exercise) -> int:
    """Judge the reference and the starter; 0 if they get all points and none, as they must."""
    from autograder.grading import Grader
    from autograder.judge import NOT_ATTEMPTED
    from autograder.workspace import content_root

    course = Course.find(Path.cwd())
    release = content_root() / "exercises" / exercise.name / f"{exercise.name}.ipynb"
    named = {"starter": release}
    if course is not None:
        named = {"reference": course.reference(exercise.name), "starter": release}
    good = True
    with Grader(exercise, course) as grader:
        for name, path in named.items():
            graded = grader.grade(path)
            _print_graded(grader, name, graded)
            if name == "reference":
                good &= graded.points == grader.max_points
            else:
                good &= bool(graded.verdicts) and all(
                    verdict.outcome == NOT_ATTEMPTED for verdict in graded.verdicts
                )
    if course is None:
        print("There is no `solutions/` here, so the reference was not judged.")
    return 0 if good else 1


# ---------------------------------------------------------------------- list and hint


def _list(arguments: argparse.Namespace) -> int:
    for exercise in exercises().values():
        print(f"{exercise.name}: {exercise.title} ({exercise.points:g} points)")
        for task in exercise.tasks:
            print(f"  {task.name:<28} {task.points:g} points  {task.title}")
    return 0


def _hint(arguments: argparse.Namespace) -> int:
    from autograder.notebook import hint_text

    _, task = find_task(arguments.task)
    print(hint_text(task, arguments.number))
    if arguments.number < len(task.hints):
        print(f"For the next one: shelfspace hint {task.name} {arguments.number + 1}")
    return 0


# ---------------------------------------------------------------------- check


def _check(arguments: argparse.Namespace) -> int:
    wanted = list(_meant(arguments.what))
    if not wanted:
        raise Problem(f"There is nothing to check in {WORKSPACE}/. Run `shelfspace start` first.")
    good = True
    for exercise, path, only in wanted:
        good &= _check_notebook(exercise, path, only, arguments.watch)
    return 0 if good else 1


def _meant(what: str | None) -> Iterator[tuple[Exercise, Path, str | None]]:
    """(exercise, notebook, task or None) for each notebook that the argument means."""
    if what is None:
        for exercise in exercises().values():
            path = WORKSPACE / exercise.name / f"{exercise.name}.ipynb"
            if path.exists():
                yield exercise, path, None
    elif what.endswith((".ipynb", ".py")):
        yield find_exercise(Path(what).stem), Path(what), None
    else:
        exercise, task = (find_exercise(what), None) if what in exercises() else find_task(what)
        path = WORKSPACE / exercise.name / f"{exercise.name}.ipynb"
        if not path.exists():
            raise Problem(f"{path} does not exist. Run `shelfspace start` first.")
        yield exercise, path, task.name if task else None


def _check_notebook(exercise: Exercise, path: Path, only: str | None, watch: bool) -> bool:
    from autograder.grading import Grader
    from autograder.report import summary_text, verdict_text
    from autograder.submission import Broken, Unreadable, read_submission

    seen: dict[str, str] = {}
    verdicts = {}
    with Grader(exercise) as grader:
        tasks = [task for task in grader.tasks if only in (None, task.name)]
        for _ in _saves(path, watch):
            try:
                submission = read_submission(path)
            except Unreadable as error:
                print(f"{path}: {error}")
                continue
            for task in tasks:
                try:
                    state = repr(submission.slice(task.name, task.uses))
                except Broken as error:
                    state = repr((str(error), error.place, error.line))
                if seen.get(task.name) == state:
                    continue
                seen[task.name] = state
                verdicts[task.name] = grader.verdict(submission, task)
                print(verdict_text(verdicts[task.name]), flush=True)
            print(summary_text(tuple(verdicts.values())), flush=True)
    return bool(verdicts) and all(verdict.outcome == "passed" for verdict in verdicts.values())


def _saves(path: Path, watch: bool) -> Iterator[None]:
    """Yield once, and with `watch` again after each save until Ctrl+C."""
    yield
    if not watch:
        return
    print(f"Watching {path}. Save it to check again; Ctrl+C ends.", flush=True)
    last = _stamp(path)
    while True:
        time.sleep(0.3)
        now = _stamp(path)
        if now not in (None, last):
            last = now
            yield


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # an editor may replace the file: look again
        return None
    return found.st_mtime_ns, found.st_size


# ---------------------------------------------------------------------- grade


def _grade(arguments: argparse.Namespace) -> int:
    from autograder.grading import Grader, submissions_in
    from autograder.report import shown_path, to_json

    exercise = find_exercise(arguments.exercise)
    paths = list(submissions_in(arguments.paths))
    course = Course.find(Path.cwd())
    with Grader(exercise, course, with_gate=not arguments.no_gate) as grader:
        if grader.isolation.name == "WEAK" and not arguments.allow_weak:
            raise Problem(
                f"The sandbox on this machine is {grader.isolation.text} Grade strangers' work "
                "on Linux, or pass --allow-weak for files that you trust."
            )
        graded = []
        for number, path in enumerate(paths, start=1):
            _progress(f"grading {number} of {len(paths)}: {shown_path(path)}")
            graded.append(grader.grade(path))
            if not arguments.json:
                _progress("")
                _print_graded(grader, shown_path(path), graded[-1])
        _progress("")
        if arguments.json:
            print(json.dumps(to_json(grader, graded), indent=1, ensure_ascii=False))
    if course is None:
        print("No `solutions/` here: judged on the public inputs only.", file=sys.stderr)
    return 0


def _progress(text: str) -> None:
    """One line that is written over, where a person watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text[:100]}", end="", file=sys.stderr, flush=True)


def _print_graded(grader: Grader, name: str, graded: Graded) -> None:
    from autograder.report import summary_text

    print(f"{grader.exercise.name} · {name} · isolation {grader.isolation.name}")
    if graded.message:
        print(f"  {graded.message}")
    else:
        print(summary_text(graded.verdicts))
    print(flush=True)


# ---------------------------------------------------------------------- run and results


def _run(arguments: argparse.Namespace) -> int:
    from shelfspace import runs

    exercise = find_exercise(arguments.exercise)
    course = Course.find(Path.cwd())
    notebook = arguments.solution or _default_solution(exercise, course)
    is_first = runs.is_first_process()
    if is_first and not _is_ours(notebook, course):
        print(
            f"Warning: {notebook} runs without a fence and with your rights: run only what you "
            "trust.",
            file=sys.stderr,
        )
    run = _prepared(arguments, exercise, notebook, course)
    folder = run.folder()
    try:
        if is_first:
            _make_ready(folder, arguments.resume)
        record = run.execute(folder, progress=is_first)
    except KeyboardInterrupt:
        if is_first:
            again = _run_command(arguments, arguments.solution)
            print(f"\nStopped. To go on from here: {again} --resume", file=sys.stderr)
        return 130
    except Exception as error:
        raise _told(error, notebook) from error
    if not is_first:
        return 0
    print(runs.figures_text(record["figures"]), flush=True)
    is_reference = course is not None and run.solution == "reference"
    top = course.root / "solutions" if course and is_reference else WORKSPACE
    path = top / exercise.name / "results" / f"{run.size}.json"
    try:
        runs.write_record(path, record)
    except OSError as error:
        raise Problem(
            f"The record {path} can't be written ({error.strerror or error}). Make room there and "
            "run again with --resume: what was computed is kept."
        ) from None
    runs.clear(folder)
    print(f"\n{record['seconds']:.0f} seconds. Written to {path}.")
    return 0


def _default_solution(exercise: Exercise, course: Course | None) -> Path:
    if course is not None:
        return course.reference(exercise.name)
    path = WORKSPACE / exercise.name / f"{exercise.name}.ipynb"
    if not path.exists():
        raise Problem(f"{path} does not exist. Run `shelfspace start` first, or pass --solution.")
    return path


def _is_ours(notebook: Path, course: Course | None) -> bool:
    """Whether a notebook is one's own work or the course's, by the folder that it lies in."""
    folders = [WORKSPACE.resolve(), *([course.root / "solutions"] if course else [])]
    return any(notebook.resolve().is_relative_to(folder.resolve()) for folder in folders)


def _prepared(
    arguments: argparse.Namespace, exercise: Exercise, notebook: Path, course: Course | None
) -> Run:
    from autograder import contracts
    from shelfspace.pipelines import find_pipeline
    from shelfspace.runs import Run, with_seed, with_values

    solution = _solution_name(notebook, exercise, course)
    try:
        pipeline = find_pipeline(exercise.name)
        settings = with_values(pipeline.SIZES[arguments.size], arguments.set)
        return Run(
            exercise=exercise.name,
            size=arguments.size,
            pipeline=pipeline,
            settings=settings if arguments.seed is None else with_seed(settings, arguments.seed),
            contracts=contracts.load_contracts(notebook, pipeline.CONTRACTS),
            contracts_code=contracts.contracts_code(
                contracts.contract_statements(notebook, pipeline.CONTRACTS)
            ),
            solution=solution,
            command=_run_command(arguments, None if solution == "reference" else solution),
        )
    except (contracts.ContractError, ModuleNotFoundError, ValueError) as error:
        raise Problem(str(error)) from error


def _solution_name(notebook: Path, exercise: Exercise, course: Course | None) -> str:
    """What a record says of a notebook: its place in the course, elsewhere its name alone."""
    if course is not None and notebook.resolve() == course.reference(exercise.name).resolve():
        return "reference"
    base = course.root if course else Path.cwd()
    try:
        return notebook.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        return notebook.name


def _run_command(arguments: argparse.Namespace, solution: Path | str | None) -> str:
    words = ["shelfspace"]
    if "LOCAL_WORLD_SIZE" in os.environ:
        words = ["torchrun", "--nproc-per-node", os.environ["LOCAL_WORLD_SIZE"]]
        words += ["-m", "autograder.cli"]
    words += ["run", arguments.exercise, "--size", arguments.size]
    words += ["--solution", str(solution)] if solution is not None else []
    words += ["--seed", str(arguments.seed)] if arguments.seed is not None else []
    words += [word for one in arguments.set for word in ("--set", one)]
    return shlex.join(words)


def _make_ready(folder: Path, resume: bool) -> None:
    """Empty a run's folder, unless there is something in it to go on from."""
    from shelfspace.runs import clear, started

    if not resume:
        clear(folder)
    elif not started(folder):
        print(
            "There is no interrupted run of this code with these settings: starting anew.",
            file=sys.stderr,
        )


def _told(error: Exception, notebook: Path) -> Exception:
    """An error of a run as a sentence, where the user can do something about it."""
    from autograder.contracts import failure_in

    in_notebook = failure_in(notebook, error)
    if in_notebook is not None:
        return Problem(in_notebook)
    training = sys.modules.get("shelfspace.training")  # loaded, if it is what failed
    for_users = (ModuleNotFoundError, OSError, ValueError)
    if isinstance(error, (*for_users, *([training.TrainingError] if training else []))):
        return Problem(str(error))
    return RuntimeError("The pipeline failed; this is a fault of the course.")


def _results(arguments: argparse.Namespace) -> int:
    from shelfspace.runs import table_text

    wanted = [find_exercise(arguments.exercise)] if arguments.exercise else exercises().values()
    course = Course.find(Path.cwd())
    tops = [*([course.root / "solutions"] if course else []), WORKSPACE]
    rows = [
        {"exercise": exercise.name, "size": path.stem, **_result(exercise, path, course)}
        for exercise in wanted
        for top in tops
        for path in sorted((top / exercise.name / "results").glob("*.json"))
    ]
    print(table_text(rows) if rows else "There are no results yet: see `shelfspace run --help`.")
    return 0


def _result(exercise: Exercise, path: Path, course: Course | None) -> dict[str, str]:
    from autograder.contracts import ContractError, contract_statements, contracts_code
    from shelfspace.runs import RecordError, outdated, read_record

    try:
        record = read_record(path)
    except RecordError as error:
        none = dict.fromkeys(("solution", "when", "seconds", "commit"), "-")
        return {**none, "state": f"The file {path.name} {error}."}
    notebook = (course.root if course else Path.cwd()) / record["solution"]
    if record["solution"] == "reference" and course is not None:
        notebook = course.reference(exercise.name)
    try:
        code = contracts_code(contract_statements(notebook, record["contracts"]))
    except ContractError:
        code = None
    reasons = outdated(record, code)
    git = record["git"] or {}
    return {
        "solution": record["solution"],
        "when": record["when"],
        "seconds": f"{record['seconds']:.0f}",
        "commit": f"{git.get('commit', '-')[:9]}{' + changes' if git.get('dirty') else ''}",
        "state": f"stale: {', '.join(reasons)}" if reasons else "current",
    }


# ---------------------------------------------------------------------- serve


def _serve(arguments: argparse.Namespace) -> int:
    from shelfspace.serving import LogError, ServerError, serve

    try:
        serve(arguments.log, arguments.port, sync=not arguments.no_sync)
    except (LogError, ServerError) as error:
        raise Problem(str(error)) from error
    return 0


# ---------------------------------------------------------------------- course and build


def _course(arguments: argparse.Namespace) -> int:
    from autograder.for_nbgrader.set_up import set_up

    for line in set_up(_course_here()):
        print(line, flush=True)
    first = next(iter(exercises()))
    print(f"\nNext: `nbgrader release_assignment {first}`, or `jupyter lab` and its Formgrader.")
    return 0


def _course_here() -> Course:
    course = Course.find(Path.cwd())
    if course is None:
        raise Problem("There is no `solutions/` here. Run this at the root of the repository.")
    return course


def _build(arguments: argparse.Namespace) -> int:
    from autograder.build import build

    course = _course_here()
    names = [arguments.exercise] if arguments.exercise else list(exercises())
    for name in names:
        changed = build(course.root, find_exercise(name))
        for path in changed:
            print(f"rebuilt {path.relative_to(course.root)}")
        if not changed:
            print(f"{name}: nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
