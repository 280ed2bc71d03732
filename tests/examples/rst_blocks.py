"""The code blocks of a reStructuredText file, each with the line it begins on."""

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

_OPENS = re.compile(r"^(?P<indent> *)(?:\.\. code-block::.*|(?!\.\. ).*::)$")


class Block(NamedTuple):
    line: int
    code: str


def blocks_of(path: Path) -> list[Block]:
    """Every literal block and code block, dedented."""
    lines = path.read_text("utf-8").splitlines()
    found: list[Block] = []
    at = 0
    while at < len(lines):
        opened = _OPENS.match(lines[at])
        at += 1
        if opened is None:
            continue
        indent = len(opened["indent"])
        begin = at
        while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
            at += 1
        body = lines[begin:at]
        blank = next((number for number, line in enumerate(body) if line.strip()), len(body))
        code = textwrap.dedent("\n".join(body[blank:])).strip("\n") + "\n"
        if code.strip():
            found.append(Block(begin + blank + 1, code))
    return found
