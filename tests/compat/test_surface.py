"""Every published name is there, with its signature, its attributes and its classes of errors."""

import ast
import importlib
import inspect
import pickle
import re
from functools import reduce

import pytest

from comotion import auth, dash
from tests.compat import published

DOORS = {"comotion.auth": auth, "comotion.dash": dash}
LINES = [
    (door, line)
    for door, text in published.SIGNATURES.items()
    for line in re.sub(r"\n\s+", " ", text).strip().splitlines()
]


def found(door, dotted: str):
    return reduce(getattr, dotted.split("."), door)


def parameters(text: str) -> list[tuple[str, object]]:
    """Names and defaults of a signature as written; no default is inspect's marker."""
    arguments = ast.parse(f"def f({text}): pass").body[0].args
    positional = [argument.arg for argument in arguments.args]
    defaults = [inspect.Parameter.empty] * (len(positional) - len(arguments.defaults))
    return list(zip(positional, [*defaults, *map(ast.literal_eval, arguments.defaults)], strict=True))


@pytest.mark.parametrize(("door", "line"), LINES)
def test_a_published_signature_still_stands(door, line):
    dotted, _, rest = line.partition("(")
    called = found(DOORS[door], dotted)
    own = [each for each in inspect.signature(called).parameters.values() if each.name != "self"]
    positional = [each for each in own if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert [(each.name, each.default) for each in positional] == parameters(rest.removesuffix(")"))
    takes_more = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in own)
    assert takes_more == ("**" in rest)


@pytest.mark.parametrize(("name", "value"), published.CONSTANTS.items())
def test_a_published_constant_has_its_value(name, value):
    assert found(dash, name) == value
    assert type(found(dash, name)) is type(value)


@pytest.mark.parametrize("name", published.ALSO_IMPORTABLE)
def test_a_published_name_can_be_imported_from_dash(name):
    assert hasattr(importlib.import_module("comotion.dash"), name)


@pytest.mark.parametrize(("name", "attributes"), published.ATTRIBUTES.items())
def test_an_answer_has_its_attributes(name, attributes):
    fields = {each.name for each in getattr(dash, name).__attrs_attrs__}
    assert fields == set(attributes)
    assert hasattr(getattr(dash, name), "to_dict")


def test_both_spellings_of_the_configuration_are_one_class():
    assert dash.Dashconfig is dash.DashConfig


def test_auth_is_one_class_wherever_it_is_imported_from():
    import comotion

    assert comotion.Auth is auth.Auth is dash.Auth


def test_the_three_sign_in_errors_are_importable_from_auth():
    assert issubclass(auth.UnAuthenticatedException, auth.AuthException)
    assert issubclass(auth.CredentialsCacheException, Exception)
    assert dash.UnAuthenticatedException is auth.UnAuthenticatedException


def test_a_short_download_is_urllib3_s_error():
    import urllib3

    assert dash.IncompleteRead is urllib3.exceptions.IncompleteRead


@pytest.mark.parametrize("name", ["ApiException", "BadRequestException", "NotFoundException"])
def test_a_published_error_lives_in_its_door(name):
    kind = getattr(dash, name)
    assert kind.__module__ == "comotion.dash"
    assert issubclass(kind, dash.ApiException)
    assert type(pickle.loads(pickle.dumps(kind("no", status=400, body="b")))) is kind


@pytest.mark.parametrize("name", ["AuthException", "UnAuthenticatedException", "CredentialsCacheException"])
def test_a_published_sign_in_error_lives_in_its_door(name):
    kind = getattr(auth, name)
    assert kind.__module__ == "comotion.auth"
    assert type(pickle.loads(pickle.dumps(kind("no")))) is kind


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Nope'"):
        dash.Nope


def test_every_name_of_the_door_can_be_had():
    for name in dash.__all__:
        assert getattr(dash, name) is not None
        assert name in dir(dash)
