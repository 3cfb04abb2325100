"""The app's HTTP interface: a JSON API below /api, and the built front end."""

import logging
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
from databricks.sdk import WorkspaceClient
from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from psycopg_pool import PoolTimeout

from .carriers import CarrierStatistics, WarehouseError
from .database import open_pool
from .decisions import DecidedMeanwhile, DecisionRequest, NothingToFollow, history, record
from .flights import (
    PAGE_SIZE,
    FlightQuery,
    InvalidQuery,
    Status,
    count_statement,
    exists_statement,
    page_statement,
)
from .identity import NotSignedIn, Person, person_of
from .settings import Settings

log = logging.getLogger("uvicorn.error")
settings = Settings.from_environment()


@asynccontextmanager
async def lifespan(app: FastAPI):
    workspace = WorkspaceClient()
    app.state.statistics = CarrierStatistics(workspace, settings.warehouse_id, settings.gold_table)
    app.state.pool = open_pool(workspace, settings.lakebase_instance)
    yield
    app.state.pool.close()


app = FastAPI(title="Flight desk", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json")


def database(request: Request) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with request.app.state.pool.connection() as connection:
        yield connection


def signed_in(request: Request) -> Person:
    return person_of(request.headers)


Database = Annotated[psycopg.Connection[dict[str, Any]], Depends(database)]
SignedIn = Annotated[Person, Depends(signed_in)]


def problem(status: int, message: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": message, **more}, status_code=status)


@app.exception_handler(NotSignedIn)
def not_signed_in(request: Request, error: NotSignedIn) -> JSONResponse:
    return problem(401, "Open this app through its own address, so that it knows who you are.")


@app.exception_handler(InvalidQuery)
@app.exception_handler(NothingToFollow)
def wrong_value(request: Request, error: Exception) -> JSONResponse:
    return problem(422, str(error))


@app.exception_handler(PoolTimeout)
@app.exception_handler(psycopg.OperationalError)
def no_database(request: Request, error: Exception) -> JSONResponse:
    log.warning("database not reachable: %s", error)
    return problem(503, "The database does not answer. Try again in a moment.")


@app.exception_handler(psycopg.errors.UndefinedTable)
@app.exception_handler(psycopg.errors.InvalidSchemaName)
def not_filled_yet(request: Request, error: psycopg.Error) -> JSONResponse:
    log.warning("table missing: %s", error)
    return problem(503, "The flights are not there yet: the first load is still under way.")


@app.exception_handler(psycopg.errors.InsufficientPrivilege)
def not_allowed(request: Request, error: psycopg.Error) -> JSONResponse:
    log.warning("privilege missing: %s", error)
    return problem(503, "The app may not read its tables yet. Deploy the bundle again to grant that.")


@app.exception_handler(WarehouseError)
def no_warehouse(request: Request, error: WarehouseError) -> JSONResponse:
    log.warning("SQL warehouse: %s", error)
    return problem(503, "The SQL warehouse does not answer.")


@app.get("/api/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/me")
def me(person: SignedIn) -> dict[str, str]:
    return {"email": person.email, "name": person.name}


@app.get("/api/carriers")
def carriers(request: Request, person: SignedIn) -> list[dict[str, Any]]:
    return request.app.state.statistics.rows()


@app.get("/api/flights")
def flights(
    person: SignedIn,
    connection: Database,
    search: Annotated[str, Query(max_length=100)] = "",
    carrier: Annotated[str, Query(max_length=10)] = "",
    status: Status = Status.OPEN,
    sort: str = "arr_delay",
    descending: bool = True,
    page: int = 1,
) -> dict[str, Any]:
    query = FlightQuery(search, carrier, status, sort, descending, page)
    total = connection.execute(*count_statement(settings.flights_table, query)).fetchone()
    rows = connection.execute(*page_statement(settings.flights_table, query)).fetchall()
    return {"total": total["total"] if total else 0, "page": page, "page_size": PAGE_SIZE, "flights": rows}


@app.get("/api/flights/{flight_id}/decisions")
def decisions(flight_id: str, person: SignedIn, connection: Database) -> list[dict[str, Any]]:
    return history(connection, flight_id)


@app.post("/api/flights/{flight_id}/decisions", status_code=201)
def decide(flight_id: str, decision: DecisionRequest, person: SignedIn, connection: Database) -> Any:
    if connection.execute(*exists_statement(settings.flights_table, flight_id)).fetchone() is None:
        return problem(404, "There is no such flight.")
    try:
        return record(connection, flight_id, decision, person.email)
    except DecidedMeanwhile as meanwhile:
        return problem(409, str(meanwhile))


# The front end, when it has been built: `npm run build` writes it to dist/.
_dist = Path(__file__).resolve().parent.parent / "dist"
if _dist.is_dir():
    app.mount("/", StaticFiles(directory=_dist, html=True), name="front end")
