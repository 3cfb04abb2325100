"""Decisions on compensations. They are only ever added: a changed mind is a new revision."""

from typing import Annotated, Any, Literal

import psycopg
from pydantic import BaseModel, Field, StringConstraints, model_validator

MAX_AMOUNT = 5000

INSERT = """
INSERT INTO desk.compensation_decision (flight_id, revision, decision, amount, reason, decided_by)
VALUES (%(flight_id)s, %(revision)s, %(decision)s, %(amount)s, %(reason)s, %(decided_by)s)
RETURNING flight_id, revision, decision, amount, reason, decided_by, decided_at
"""

HISTORY = """
SELECT flight_id, revision, decision, amount, reason, decided_by, decided_at
FROM desk.compensation_decision WHERE flight_id = %s ORDER BY revision DESC
"""


class DecisionRequest(BaseModel):
    """What the person decided, and the revision they were looking at (0: nothing decided yet)."""

    decision: Literal["approved", "refused"]
    amount: int = Field(ge=0, le=MAX_AMOUNT)
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
    seen_revision: int = Field(ge=0, lt=2**31 - 1)

    @model_validator(mode="after")
    def refused_pays_nothing(self) -> "DecisionRequest":
        if self.decision == "refused" and self.amount != 0:
            raise ValueError("a refused compensation has no amount")
        if self.decision == "approved" and self.amount == 0:
            raise ValueError("an approved compensation needs an amount")
        return self


class NothingToFollow(Exception):
    """The person claims to have seen a decision that was never made."""


class DecidedMeanwhile(Exception):
    """Somebody else decided on this flight after the person had loaded it."""

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__(f"{current['decided_by']} has {current['decision']} this one in the meantime.")


def history(connection: psycopg.Connection[dict[str, Any]], flight_id: str) -> list[dict[str, Any]]:
    return connection.execute(HISTORY, [flight_id]).fetchall()


def record(
    connection: psycopg.Connection[dict[str, Any]], flight_id: str, request: DecisionRequest, decided_by: str
) -> dict[str, Any]:
    """Adds the next revision. The primary key decides when two people try at once."""
    before = history(connection, flight_id)
    seen = before[0]["revision"] if before else 0
    if seen != request.seen_revision:
        if not before:
            raise NothingToFollow("nothing has been decided on this flight yet")
        raise DecidedMeanwhile(before[0])
    row = {
        "flight_id": flight_id,
        "revision": request.seen_revision + 1,
        "decision": request.decision,
        "amount": request.amount,
        "reason": request.reason,
        "decided_by": decided_by,
    }
    try:
        added = connection.execute(INSERT, row).fetchone()
    except psycopg.errors.UniqueViolation:
        raise DecidedMeanwhile(history(connection, flight_id)[0]) from None
    assert added is not None  # INSERT … RETURNING gives the row it has added
    return added
