"""What formgrader and feedback pages show: no script of a learner's, no text meant for graders."""

from __future__ import annotations

import html
import re
from typing import Any

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from traitlets import Bool

from autograder.for_nbgrader.submissions import known_cells, released_notebook

MAX_CHARACTERS = 20_000  # rendering takes the square of what a hostile text is long
_TAGS = set(
    "a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s "
    "small span strong sub summary sup table tbody td tfoot th thead tr ul".split()
)
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SAFE_URL = {
    "href": re.compile(r"(?:https?://|mailto:)", re.I),  # no script, and no page of this server
    "src": re.compile(r"data:image/(?:png|jpeg|gif);base64,", re.I),  # nothing that calls home
}


def safe_markdown(source: str) -> str:
    """Markdown as HTML without scripts, forms, frames, styles, or images from elsewhere.

    Takes the place of nbconvert's `markdown2html`, which lets all of these pass.
    """
    if len(source) > MAX_CHARACTERS:
        return f"<pre>{html.escape(source)}</pre>"
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return nh3.clean(
        MarkdownWithMath(renderer=renderer).render(source),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"http", "https", "mailto", "data"},
    )


def _safe_attribute(tag: str, name: str, value: str) -> str | None:
    allowed = _SAFE_URL.get(name)
    return value if allowed is None or allowed.match(value) else None


class ShowReleasedText(Preprocessor):
    """Locked cells as learners received them: without hidden tests and mark schemes."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        released = known_cells(released_notebook(self.config, resources))
        for grade_id, cell in known_cells(nb).items():
            if cell.metadata.nbgrader.locked:
                cell.source = released[grade_id].source
        return nb, resources
