"""The page of features is true: what is known works, what is a gap is refused."""

import pytest

from tests.contract.fake.features import FEATURES, GAPS, PAGE, page, works


@pytest.mark.parametrize(
    ("area", "feature"), [(area, feature) for area, features in FEATURES.items() for feature in features]
)
def test_a_known_feature_works(area: str, feature: str) -> None:
    assert works(FEATURES[area][feature])


@pytest.mark.parametrize(
    ("area", "feature"), [(area, feature) for area, features in GAPS.items() for feature in features]
)
def test_a_gap_is_refused_and_not_half_answered(area: str, feature: str) -> None:
    assert not works(GAPS[area][feature]), "it works now: move it to FEATURES and write the page again"


def test_the_page_lists_what_was_tried() -> None:
    written = PAGE.read_text("utf-8")
    assert written.endswith(page()), "run python -m tests.contract.fake.features"
