"""nbgrader's course is the repository: its steps mapped onto our folders, our judge plugged in."""

import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, at each first submission

HERE = Path(__file__).resolve().parent
OURS, THEIRS = "autograder.for_nbgrader", "nbgrader.preprocessors"

c = get_config()  # noqa: F821 - nbgrader provides it

c.CourseDirectory.root = str(HERE)
c.CourseDirectory.course_id = "shelfspace"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# Names that no step takes along. Of the rest `files` lets pass: into a release the notebook alone,
# from a submission nothing but plain files.
c.CourseDirectory.ignore = [
    *("*.py", "*.pyc", "*.md", "*.json", "*.toml", "*.csv", "*.npz", "*.pt"),
    *(".ipynb_checkpoints", "__pycache__", ".pytest_cache", ".DS_Store", "feedback", "results"),
]
c.GenerateAssignment.post_convert_hook = f"{OURS}.files.after_release"
c.ExchangeFactory.collect = f"{OURS}.files.CollectPlainFiles"
c.Autograde.pre_convert_hook = f"{OURS}.files.before_autograde"
c.GenerateFeedback.pre_convert_hook = f"{OURS}.files.before_feedback"

# Where learners with accounts on this machine fetch and submit. Everybody must be able to reach it.
c.Exchange.root = str(HERE / "exchange")

# A stub's own line, so that `raise NotImplementedError` is all that a learner has to replace.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"
# The mark scheme stands below the written question; the cell to be marked is the answer's.
c.ClearMarkScheme.enforce_metadata = False

# Submissions are read, put back into the release's cells, and judged by the course's own grader.
# No kernel runs what was handed in.
c.Autograde.exporter_class = f"{OURS}.submissions.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [f"{OURS}.submissions.RestoreCells"]
c.Autograde.autograde_preprocessors = [
    f"{OURS}.grades.SandboxedChecks",
    f"{OURS}.grades.SaveVerdicts",
    f"{THEIRS}.AssignLatePenalties",
]
c.Exporter.optimistic_validation = True  # a notebook is validated once, not after each of them
c.AssignLatePenalties.plugin_class = f"{OURS}.grades.LatePenalty"
c.LatePenalty.points_per_day = 2.0  # of 25, for each day begun

# What a learner wrote is shown in a grader's browser: as text, not as a page that runs.
c.HTMLExporter.filters = {
    "markdown2html": f"{OURS}.pages.safe_markdown",
    "highlight_code": f"{OURS}.pages.safe_code",
    "strip_files_prefix": f"{OURS}.pages.unchanged",
}
c.GenerateFeedback.preprocessors = [
    f"{THEIRS}.GetGrades",
    f"{OURS}.pages.ShowReleasedText",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
