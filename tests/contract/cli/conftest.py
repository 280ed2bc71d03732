"""A command line pointed at a fake Dash over sockets."""

import json

import pytest

from comotion.cli.main import outcome
from comotion.testing import FakeDash


@pytest.fixture
def fake():
    with FakeDash() as made:
        yield made


@pytest.fixture
def server(fake):
    with fake.serve() as served:
        yield served


@pytest.fixture
def surroundings(server, tmp_path, monkeypatch):
    """The environment of a shell that was told of the fake, and nothing else of Comotion or S3."""
    import os

    for name in list(os.environ):
        if name.startswith(("COMOTION_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COMOTION_CONFIG", str(tmp_path / "none.toml"))
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return monkeypatch


class Shell:
    """Runs commands and keeps what they printed."""

    def __init__(self, capfdbinary):
        self._captured = capfdbinary

    def __call__(self, *arguments):
        self._captured.readouterr()
        self.code = outcome([str(argument) for argument in arguments])
        out, err = self._captured.readouterr()
        self.out, self.err = out.decode(), err.decode()
        return self

    def json(self):
        return json.loads(self.out)


@pytest.fixture
def shell(capfdbinary):
    return Shell(capfdbinary)


@pytest.fixture
def comotion(surroundings, shell):
    return shell
