"""Rows from the SQL warehouse, asked as the app's own service principal."""

import os

import pandas
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.sql import (
    Disposition,
    Format,
    StatementParameterListItem,
    StatementState,
)

WAREHOUSE_ID = os.environ["WAREHOUSE_ID"]
TABLE = ".".join("`" + part.replace("`", "``") + "`" for part in os.environ["FLIGHTS_TABLE"].split("."))

# The warehouse sends texts; these of its types become numbers and dates here.
NUMBERS = {"BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL"}
DATES = {"DATE", "TIMESTAMP"}


class QueryFailed(Exception):
    """The warehouse answered with an error, or not in time."""


def query(workspace: WorkspaceClient, statement: str, parameters: dict[str, str | None]) -> pandas.DataFrame:
    """Runs a statement with `:name` parameters; `{table}` in it stands for the table of flights."""
    try:
        answer = workspace.statement_execution.execute_statement(
            statement=statement.format(table=TABLE),
            warehouse_id=WAREHOUSE_ID,
            parameters=[StatementParameterListItem(name=name, value=value) for name, value in parameters.items()],
            disposition=Disposition.INLINE,
            format=Format.JSON_ARRAY,
            wait_timeout="50s",
        )
    except DatabricksError as error:
        raise QueryFailed(str(error)) from error
    status = answer.status
    if status is None or status.state != StatementState.SUCCEEDED:
        raise QueryFailed(status.error.message if status and status.error else "no answer in time")
    columns = answer.manifest.schema.columns or []
    rows, part = [], answer.result
    while part is not None:
        rows += part.data_array or []
        if part.next_chunk_index is None:
            break
        part = workspace.statement_execution.get_statement_result_chunk_n(
            answer.statement_id, part.next_chunk_index
        )
    frame = pandas.DataFrame(rows, columns=[column.name for column in columns])
    for column in columns:
        if column.type_name.value in NUMBERS:
            frame[column.name] = pandas.to_numeric(frame[column.name])
        elif column.type_name.value in DATES:
            frame[column.name] = pandas.to_datetime(frame[column.name])
    return frame
