"""nbgrader's course is the repository: its steps mapped onto our folders."""

from pathlib import Path

c = get_config()  # noqa: F821 - nbgrader provides it

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "shelfspace"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# Only notebooks are released. Names in this list stay behind, every answer among them.
c.CourseDirectory.ignore = [
    *("*.py", "*.pyc", "*.md", "*.json", "*.toml", "*.txt", "*.csv", "*.npz", "*.pt"),
    *(".ipynb_checkpoints", "__pycache__", ".pytest_cache", ".DS_Store", "feedback", "results"),
]
# A stub's own line, so that `raise NotImplementedError` is all that a learner has to replace.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
