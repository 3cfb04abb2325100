"""What the platform tells the app through its environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    lakebase_instance: str
    flights_table: str  # in PostgreSQL: schema.table
    gold_table: str  # in the lake: catalog.schema.table
    warehouse_id: str

    @staticmethod
    def from_environment() -> "Settings":
        return Settings(
            lakebase_instance=os.environ["LAKEBASE_INSTANCE"],
            flights_table=os.environ["FLIGHTS_TABLE"],
            gold_table=os.environ["GOLD_TABLE"],
            warehouse_id=os.environ["WAREHOUSE_ID"],
        )
