import pytest
from backend.decisions import DecisionRequest
from pydantic import ValidationError

GOOD = {"decision": "approved", "amount": 250, "reason": "Crew was late", "seen_revision": 0}


def test_reason_is_trimmed():
    assert DecisionRequest(**GOOD | {"reason": "  Crew was late \n"}).reason == "Crew was late"


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "maybe"},
        {"amount": -1},
        {"amount": 0},
        {"amount": 5001},
        {"decision": "refused"},  # with an amount
        {"reason": "  x "},
        {"reason": "x" * 501},
        {"seen_revision": -1},
    ],
)
def test_impossible_decisions_are_refused(change):
    with pytest.raises(ValidationError):
        DecisionRequest(**GOOD | change)


def test_refused_pays_nothing():
    assert DecisionRequest(**GOOD | {"decision": "refused", "amount": 0}).amount == 0
