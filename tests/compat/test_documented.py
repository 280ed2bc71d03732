"""Every parameter of a published name is described where it is published."""

import inspect
import re

import pytest

import comotion
import comotion.auth
import comotion.dash
import comotion.testing


def published():
    """Every function, class and method that users can reach, once."""
    seen = set()
    for door in (comotion, comotion.dash, comotion.auth, comotion.testing):
        for name in door.__all__:
            thing = getattr(door, name)
            if not callable(thing) or thing in seen or not thing.__module__.startswith("comotion"):
                continue
            seen.add(thing)
            if not (inspect.isclass(thing) and issubclass(thing, Exception)):
                yield pytest.param(thing, id=name)
            if inspect.isclass(thing):
                for method, function in vars(thing).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield pytest.param(function, id=f"{name}.{method}")


@pytest.mark.parametrize("thing", list(published()))
def test_each_parameter_is_in_the_docstring(thing):
    told = inspect.getdoc(thing) or ""
    names = [name for name in inspect.signature(thing).parameters if name not in ("self", "args", "kwargs")]
    assert told
    assert [name for name in names if not re.search(rf"\b{name}\b", told)] == []
