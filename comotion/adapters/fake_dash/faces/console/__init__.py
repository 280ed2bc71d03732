"""The console: a world on pages for people. Watching leaves no trace: no log entry, no look, no fault hit."""

from comotion.adapters.fake_dash.faces.console.face import console as console
