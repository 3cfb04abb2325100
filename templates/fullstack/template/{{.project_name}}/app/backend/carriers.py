"""Figures over the whole gold table, computed where it lives: in the lake, by the SQL warehouse."""

import threading
import time
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.sql import Disposition, Format, StatementState

KEEP_SECONDS = 300


class WarehouseError(Exception):
    """The warehouse did not answer with rows."""


def quoted(table: str) -> str:
    return ".".join("`" + part.replace("`", "``") + "`" for part in table.split("."))


class CarrierStatistics:
    """Delays by airline, asked for at most every five minutes."""

    def __init__(self, workspace: WorkspaceClient, warehouse_id: str, table: str) -> None:
        self._workspace = workspace
        self._warehouse_id = warehouse_id
        self._table = table
        self._lock = threading.Lock()
        self._rows: list[dict[str, Any]] = []
        self._asked_at = float("-inf")

    def rows(self) -> list[dict[str, Any]]:
        with self._lock:
            if time.monotonic() - self._asked_at > KEEP_SECONDS:
                self._rows = self._ask()
                self._asked_at = time.monotonic()
            return self._rows

    def _ask(self) -> list[dict[str, Any]]:
        try:
            answer = self._workspace.statement_execution.execute_statement(
                statement="SELECT carrier, airline, count(*) AS flights, avg(arr_delay) AS mean_delay"
                f" FROM {quoted(self._table)} GROUP BY carrier, airline ORDER BY flights DESC, carrier",
                warehouse_id=self._warehouse_id,
                disposition=Disposition.INLINE,
                format=Format.JSON_ARRAY,
                wait_timeout="50s",
            )
        except DatabricksError as error:
            raise WarehouseError(str(error)) from error
        status = answer.status
        if status is None or status.state != StatementState.SUCCEEDED:
            reason = status.error.message if status and status.error else "no answer in time"
            raise WarehouseError(reason)
        data = (answer.result.data_array if answer.result else None) or []
        return [
            {"carrier": carrier, "airline": airline, "flights": int(flights), "mean_delay": float(mean_delay)}
            for carrier, airline, flights, mean_delay in data
        ]
