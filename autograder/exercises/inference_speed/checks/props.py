"""What is made on the submission's side, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from autograder.sandbox.wire import Prop

PROPS = Path(__file__).parent.parent / "props.py"


@cache
def prop(name: str) -> Prop:
    """What `props.py` defines as `name`, made on the submission's side."""
    return Prop(PROPS.read_text("utf-8"), name)
