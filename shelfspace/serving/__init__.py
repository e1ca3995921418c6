"""The recommendation service: purchases in, recommendations out, nothing acknowledged is lost."""

from shelfspace.serving.app import build_app
from shelfspace.serving.blend import DecayedBlend
from shelfspace.serving.events import Event, EventError, parse_events
from shelfspace.serving.log import EventLog, LogError
from shelfspace.serving.server import ServerError, serve
from shelfspace.serving.state import Model, State

__all__ = [
    "DecayedBlend",
    "Event",
    "EventError",
    "EventLog",
    "LogError",
    "Model",
    "ServerError",
    "State",
    "build_app",
    "parse_events",
    "serve",
]
