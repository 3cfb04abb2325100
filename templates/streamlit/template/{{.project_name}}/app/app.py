"""Delayed flights at a glance."""

import streamlit as st
from databricks.sdk import WorkspaceClient
from warehouse import QueryFailed, query

# Parameters left empty filter nothing.
FILTER = """
WHERE (:carrier = '' OR carrier = :carrier)
  AND (:origin = '' OR origin = :origin)
  AND arr_delay >= CAST(:least AS INT)
"""

st.set_page_config(page_title="Delayed flights", page_icon="✈️", layout="wide")


@st.cache_resource
def workspace() -> WorkspaceClient:
    return WorkspaceClient()


@st.cache_data(ttl=300, show_spinner="Asking the SQL warehouse …")
def ask(statement: str, **parameters: str):
    return query(workspace(), statement, parameters)


def main() -> None:
    st.title("Delayed flights out of New York, 2013")
    person = st.context.headers.get("X-Forwarded-Email")
    if person:
        st.caption(f"Signed in as {person}")

    choices = ask("SELECT DISTINCT carrier, airline, origin FROM {table} ORDER BY airline, origin")
    airlines = dict(zip(choices["airline"], choices["carrier"], strict=True))
    with st.sidebar:
        airline = st.selectbox("Airline", ["All", *airlines])
        origin = st.selectbox("Airport", ["All", *sorted(choices["origin"].unique())])
        least = st.slider("Late by at least (minutes)", min_value=60, max_value=600, value=60, step=30)
    chosen = {
        "carrier": airlines.get(airline, ""),
        "origin": "" if origin == "All" else origin,
        "least": str(least),
    }

    total = ask(
        "SELECT count(*) AS flights, avg(arr_delay) AS mean, max(arr_delay) AS worst FROM {table}" + FILTER,
        **chosen,
    ).iloc[0]
    if total["flights"] == 0:
        st.info("No flight matches.")
        return
    flights, mean, worst = st.columns(3)
    flights.metric("Flights", f"{total['flights']:,.0f}")
    mean.metric("Mean delay", f"{total['mean']:,.0f} min")
    worst.metric("Longest delay", f"{total['worst'] / 60:,.1f} h")

    by_month, by_airline = st.columns(2)
    with by_month:
        st.subheader("By month")
        st.bar_chart(
            ask(
                "SELECT month(flight_date) AS month, count(*) AS flights FROM {table}"
                + FILTER
                + "GROUP BY month(flight_date) ORDER BY month",
                **chosen,
            ),
            x="month",
            y="flights",
        )
    with by_airline:
        st.subheader("By airline")
        st.bar_chart(
            ask(
                "SELECT airline, count(*) AS flights FROM {table}"
                + FILTER
                + "GROUP BY airline ORDER BY flights DESC",
                **chosen,
            ),
            x="airline",
            y="flights",
            horizontal=True,
        )

    st.subheader("The longest delays")
    st.dataframe(
        ask(
            "SELECT flight_date, airline, flight, origin, dest_airport, dep_delay, arr_delay, tailnum FROM {table}"
            + FILTER
            + "ORDER BY arr_delay DESC, flight_id LIMIT 200",
            **chosen,
        ),
        hide_index=True,
        width="stretch",
        column_config={
            "flight_date": st.column_config.DateColumn("Date"),
            "airline": "Airline",
            "flight": st.column_config.NumberColumn("Flight", format="%d"),
            "origin": "From",
            "dest_airport": "To",
            "dep_delay": st.column_config.NumberColumn("Departed late (min)"),
            "arr_delay": st.column_config.NumberColumn("Arrived late (min)"),
            "tailnum": "Tail number",
        },
    )


try:
    main()
except QueryFailed as failure:
    st.error(f"The SQL warehouse could not answer: {failure}")
