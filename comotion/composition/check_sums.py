"""Check sums of a dry run, evaluated by the lake of the fake Dash. Importable with the extra ``fake`` only."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from comotion.adapters.fake_dash.lake import Lake
from comotion.adapters.fake_dash.lake.checks import CheckValue
from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin
from comotion.domain.errors import SchemaConflict
from comotion.ports.evaluation import Evaluated

NOT_SUPPORTED = "not supported by this fake"


def evaluate_over_files(
    paths: Sequence[str], expressions: Sequence[str], *, constants: Mapping[str, str]
) -> dict[str, Evaluated]:
    """What each expression comes to over the union of the files."""
    lake = Lake()
    try:
        found = lake.evaluate(expressions, [Path(path) for path in paths], constants=constants)
    except PartsDoNotJoin as wrong:
        raise SchemaConflict(f"the service would refuse these files: {wrong}") from None
    finally:
        lake.close()
    return {one.expression: _evaluated(one) for one in found}


def _evaluated(one: CheckValue) -> Evaluated:
    is_known = one.refusal is None or not one.refusal.startswith(NOT_SUPPORTED)
    return Evaluated(value=one.value, refusal=one.refusal, is_known=is_known)
