"""Delayed flights: which rows a page shows, as SQL with parameters."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg import sql

PAGE_SIZE = 25
MAX_PAGE = 10_000

SORT_COLUMNS = {
    "flight_date": ("flight_date", "sched_dep_time"),
    "airline": ("airline",),
    "route": ("origin", "dest"),
    "arr_delay": ("arr_delay",),
    "proposed_amount": ("proposed_amount",),
}


class Status(StrEnum):
    ALL = "all"
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


class InvalidQuery(Exception):
    """The query string asks for something that is not offered."""


@dataclass(frozen=True)
class FlightQuery:
    search: str = ""
    carrier: str = ""
    status: Status = Status.OPEN
    sort: str = "arr_delay"
    descending: bool = True
    page: int = 1

    def __post_init__(self) -> None:
        if self.sort not in SORT_COLUMNS:
            raise InvalidQuery(f"cannot sort by {self.sort!r}")
        if not 1 <= self.page <= MAX_PAGE:
            raise InvalidQuery(f"page must lie between 1 and {MAX_PAGE}")


def table_identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*name.split("."))


def contains_pattern(text: str) -> str:
    """An ILIKE pattern that takes the text literally."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def conditions(query: FlightQuery) -> tuple[sql.Composable, list[Any]]:
    """The WHERE clause, and its parameters in order."""
    parts: list[sql.Composable] = []
    parameters: list[Any] = []
    if query.search.strip():
        parts.append(
            sql.SQL(
                "(f.flight_id ILIKE %s OR f.airline ILIKE %s OR f.dest_airport ILIKE %s"
                " OR f.dest ILIKE %s OR f.tailnum ILIKE %s)"
            )
        )
        parameters += [contains_pattern(query.search.strip())] * 5
    if query.carrier:
        parts.append(sql.SQL("f.carrier = %s"))
        parameters.append(query.carrier)
    if query.status is Status.OPEN:
        parts.append(sql.SQL("d.decision IS NULL"))
    elif query.status is not Status.ALL:
        parts.append(sql.SQL("d.decision = %s"))
        parameters.append(query.status.value)
    if not parts:
        return sql.SQL(""), []
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(parts), parameters


def _from_clause(table: str) -> sql.Composable:
    """Every flight with its latest decision, if there is one."""
    return sql.SQL(
        " FROM {} AS f LEFT JOIN ("
        "SELECT DISTINCT ON (flight_id) * FROM desk.compensation_decision"
        " ORDER BY flight_id, revision DESC) AS d ON d.flight_id = f.flight_id"
    ).format(table_identifier(table))


def page_statement(table: str, query: FlightQuery) -> tuple[sql.Composable, list[Any]]:
    where, parameters = conditions(query)
    direction = sql.SQL(" DESC" if query.descending else " ASC")
    order = sql.SQL(", ").join(sql.Identifier("f", column) + direction for column in SORT_COLUMNS[query.sort])
    statement = (
        sql.SQL("SELECT f.*, d.revision, d.decision, d.amount, d.reason, d.decided_by, d.decided_at")
        + _from_clause(table)
        + where
        + sql.SQL(" ORDER BY ")
        + order
        + sql.SQL(", f.flight_id LIMIT %s OFFSET %s")
    )
    return statement, [*parameters, PAGE_SIZE, (query.page - 1) * PAGE_SIZE]


def count_statement(table: str, query: FlightQuery) -> tuple[sql.Composable, list[Any]]:
    where, parameters = conditions(query)
    return sql.SQL("SELECT count(*) AS total") + _from_clause(table) + where, parameters


def exists_statement(table: str, flight_id: str) -> tuple[sql.Composable, list[Any]]:
    return sql.SQL("SELECT 1 FROM {} WHERE flight_id = %s").format(table_identifier(table)), [flight_id]
