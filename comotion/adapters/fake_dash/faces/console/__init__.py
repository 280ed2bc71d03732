"""The console: a world on pages for people. Watching leaves no trace: no log entry, no look, no fault hit."""

from comotion.adapters.fake_dash.faces.console.face import console as console
from comotion.adapters.fake_dash.faces.console.face import find as find
from comotion.adapters.fake_dash.faces.console.face import is_browser_at_root as is_browser_at_root
