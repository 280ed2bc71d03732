"""The page "Test your pipeline" does what it says: its tests pass, its program runs."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "test-your-pipeline.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
TESTS = [block for block in BLOCKS if "def test_" in block]
PROGRAMS = [block for block in BLOCKS if "def test_" not in block]


def test_the_blocks_of_tests_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{f"test_block_{number}": block for number, block in enumerate(TESTS)})
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=sum(block.count("def test_") for block in TESTS))


@pytest.mark.parametrize("block", PROGRAMS)
def test_a_block_of_a_program_runs(pytester: pytest.Pytester, block: str) -> None:
    result = pytester.runpython(pytester.makepyfile(block))
    assert result.ret == 0, result.stderr.str()


def test_the_page_holds_both_kinds() -> None:
    assert TESTS
    assert PROGRAMS
