"""``python -m comotion.cli``: the console script by another way."""

from comotion.cli.main import run

run()
