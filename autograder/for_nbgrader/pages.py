"""What formgrader and feedback pages show: no script of a learner's, no text meant for graders."""

from __future__ import annotations

import html
import re
from typing import Any

import jinja2
import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import Bool

from autograder.for_nbgrader.submissions import known_cells, released_notebook

# Parsers of text take the square of what a hostile one is long.
MAX_MARKDOWN, MAX_CODE, MAX_LINE = 6_000, 50_000, 1_000
_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s"),
    *("small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th"),
    *("thead", "tr", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SAFE_URL = {
    "href": re.compile(r"(?:https?://|mailto:)", re.I),  # no script, and no page of this server
    "src": re.compile(r"data:image/(?:png|jpeg|gif);base64,", re.I),  # nothing that calls home
}
# a tag that we know, with attributes that have values; `p<a and b>c` is none
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_TAG = re.compile(rf"</?([a-z]\w*)(?:\s+[a-z-]+\s*=\s*{_VALUE})*\s*/?>", re.I)


@jinja2.pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Markdown as HTML; takes the place of nbconvert's filter `markdown2html`."""
    return render(source, context.get("cell", {}).get("attachments", {}))


def render(source: str, images: dict[str, dict[str, str]]) -> str:
    """HTML without scripts, forms, frames, styles, or images from elsewhere.

    `images` are those pasted into the cell, by name, each as base64 text by type.
    """
    if len(source) > MAX_MARKDOWN:
        return _as_text(source)
    try:
        rendered = MarkdownWithMath(renderer=_Renderer(images)).render(source)
    except Exception:  # a text that no parser was made for is still an answer
        return _as_text(source)
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"http", "https", "mailto", "data"},
    )


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, without Pygments (slow for some languages), and losing no text."""

    def __init__(self, images: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=images)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code)}</code></pre>\n"

    def block_html(self, html: str) -> str:
        return _known_tags_only(html)

    def inline_html(self, html: str) -> str:
        return _known_tags_only(html)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.removeprefix("attachment:") in self.attachments or _SAFE_URL["src"].match(url):
            return super().image(text, url, title)
        return f"[image: {text} {html.escape(url)}]"


def _known_tags_only(markup: str) -> str:
    """Tags that we know as they are; all else as the text that it is."""
    shown, end = [], 0
    for tag in _TAG.finditer(markup):
        shown.append(html.escape(markup[end : tag.start()]))
        known = tag[1].lower() in _TAGS
        shown.append(tag[0] if known else html.escape(tag[0]))
        end = tag.end()
    return "".join(shown) + html.escape(markup[end:])


def _safe_attribute(tag: str, name: str, value: str) -> str | None:
    allowed = _SAFE_URL.get(name)
    return value if allowed is None or allowed.match(value) else None


def safe_code(source: str, language: str | None = None, metadata: Any = None) -> str:
    """Python code with colours; takes the place of nbconvert's filter `highlight_code`."""
    if len(source) > MAX_CODE or max(map(len, source.split("\n"))) > MAX_LINE:
        return _as_text(source)
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass=" highlight hl-python"))


def unchanged(text: str) -> str:
    """Takes the place of nbconvert's `strip_files_prefix`, for links that no page here has."""
    return text


def _as_text(source: str) -> str:
    return f"<pre>{html.escape(source)}</pre>"


class ShowReleasedText(Preprocessor):
    """Locked cells as learners received them: without hidden tests and mark schemes."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        released = known_cells(released_notebook(self.config, resources))
        for grade_id, cell in known_cells(nb).items():
            if cell.metadata.nbgrader.locked:
                # a cell that this release no longer has may hold what it hid
                cell.source = released[grade_id].source if grade_id in released else ""
        return nb, resources
