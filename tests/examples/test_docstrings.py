"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

import comotion


def modules_with_examples() -> list[str]:
    """Modules whose source holds an example; the others are not imported."""
    found = []
    for module in pkgutil.walk_packages(comotion.__path__, "comotion."):
        spec = module.module_finder.find_spec(module.name)
        source = spec.loader.get_source(module.name) if spec and spec.loader else None
        if source and ">>>" in source:
            found.append(module.name)
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_run_in(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for variable in ("COMOTION_ISSUER", "COMOTION_API_URL", "COMOTION_V1_URL", "COMOTION_ZONE"):
        monkeypatch.delenv(variable, raising=False)
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert failed == 0


def test_there_are_examples():
    assert "comotion.facade.query" in modules_with_examples()
