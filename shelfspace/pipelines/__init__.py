"""The exercises' pipelines: data, model, training and measurement, at small and at full size.

A pipeline is a module named like its exercise. It takes the learner's contracts as its parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def pipelines() -> tuple[str, ...]:
    """The names of the exercises that have a pipeline."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_pipeline(name: str) -> ModuleType:
    """The pipeline of an exercise; KeyError with a sentence otherwise."""
    if name not in pipelines():
        known = ", ".join(pipelines())
        raise KeyError(f"The exercise {name!r} has no pipeline. There is one for: {known}.")
    return importlib.import_module(f"{__name__}.{name}")
