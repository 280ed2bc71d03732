"""How the console says things: counts, sizes, times, states. A state is a sign and a word, never a colour alone."""

from datetime import datetime, timedelta

from comotion.adapters.fake_dash.faces.console.markup import Html, el, joined

LONGEST_TEXT = 300
SIGNS = {"good": "✓", "bad": "✕", "busy": "…", "calm": "○"}
TONES = {
    "SUCCESS": "good",
    "SUCCEEDED": "good",
    "Completed": "good",
    "Complete": "good",
    "FAIL": "bad",
    "FAILED": "bad",
    "Failed": "bad",
    "Rerunnable": "bad",
    "PROCESSING": "busy",
    "QUEUED": "busy",
    "RUNNING": "busy",
    "Started": "busy",
    "Cleaning Up": "busy",
}


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 part``, ``2,000 parts``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(size_bytes: int) -> str:
    """Bytes in the largest unit that leaves a whole number."""
    if size_bytes < 1000:
        return count(size_bytes, "byte")
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5 or unit == "GB":
            break
    return f"{amount:,.1f} {unit}"


def duration(step: timedelta) -> str:
    """``0.25 s``, ``3 min 5 s``, ``2 h 0 min``, ``3 d 4 h``."""
    seconds = step.total_seconds()
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {left} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def moment(at: datetime, *, exact: bool = True) -> Html:
    """A time of the world's clock, in UTC; to the millisecond where it is exact."""
    return _time(at, f"{at:%Y-%m-%d %H:%M:%S}" + (f".{at.microsecond // 1000:03d}" if exact else ""))


def later(at: datetime, than: datetime) -> Html:
    """A later time: without its date where that is the same, and how much later it is."""
    return joined(on_day(at, than), el("span", f" +{duration(at - than)}", class_="whole"))


def on_day(at: datetime, day: datetime) -> Html:
    """A time, without its date where that is the date of ``day``."""
    return _time(at, f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}") if at.date() == day.date() else moment(at)


def _time(at: datetime, text: str) -> Html:
    return el("time", text, datetime=at.isoformat(timespec="milliseconds"))


def chip(word: str, tone: str | None = None) -> Html:
    """A state: its sign and its word."""
    known = tone or TONES.get(word, "calm")
    return el("span", el("span", SIGNS[known], aria_hidden="true"), f" {word}", class_=f"chip {known}")


def short(text: str, limit: int = LONGEST_TEXT) -> str:
    """On one line, cut where it is long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def cut(text: str, limit: int = LONGEST_TEXT) -> str:
    """Cut where it is long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
