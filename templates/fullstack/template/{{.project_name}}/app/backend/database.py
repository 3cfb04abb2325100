"""Connections to Lakebase. The password is a token that lives an hour, so each new connection asks for one."""

import os
import uuid
from typing import Any

import psycopg
from databricks.sdk import WorkspaceClient
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool


def open_pool(workspace: WorkspaceClient, instance: str) -> ConnectionPool:
    """A pool that opens connections when they are needed and lets an unused database go to sleep.

    Host, database, user and TLS mode come from PGHOST, PGPORT, PGDATABASE, PGUSER and PGSSLMODE,
    which libpq reads itself.
    """

    class TokenConnection(psycopg.Connection[dict[str, Any]]):
        @classmethod
        def connect(cls, conninfo: str = "", **kwargs: Any) -> "TokenConnection":
            credential = workspace.database.generate_database_credential(
                request_id=str(uuid.uuid4()), instance_names=[instance]
            )
            return super().connect(conninfo, password=credential.token, **kwargs)

    return ConnectionPool(
        connection_class=TokenConnection,
        kwargs={
            "application_name": os.environ.get("PGAPPNAME", "flight desk"),
            "autocommit": True,
            "row_factory": dict_row,
            "connect_timeout": 15,
        },
        min_size=0,
        max_size=8,
        max_idle=60,
        max_lifetime=45 * 60,
        timeout=20,
        check=ConnectionPool.check_connection,
        open=True,
    )
