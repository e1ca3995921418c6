"""The course's grader: `check("smote")` and `hint("smote")` in a notebook, and the judge behind."""

from typing import Any

__all__ = ["check", "hint"]


def __getattr__(name: str) -> Any:
    # late, so that the sandbox can import its few modules without the rest of the grader
    if name in __all__:
        from autograder import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
