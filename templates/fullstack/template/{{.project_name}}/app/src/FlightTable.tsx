import type { Flight, Page, Query } from "./api";
import { count, day, delay, money } from "./format";

const columns: { sort: Query["sort"]; label: string; number?: boolean }[] = [
  { sort: "flight_date", label: "Date" },
  { sort: "airline", label: "Flight" },
  { sort: "route", label: "Route" },
  { sort: "arr_delay", label: "Delay", number: true },
  { sort: "proposed_amount", label: "Proposed", number: true },
];

type Props = {
  page: Page | undefined;
  query: Query;
  loading: boolean;
  onChange: (change: Partial<Query>) => void;
  onChoose: (flight: Flight) => void;
};

export function FlightTable({ page, query, loading, onChange, onChoose }: Props) {
  const flights = page?.flights ?? [];
  const total = page?.total ?? 0;
  const lastPage = Math.max(1, Math.ceil(total / (page?.page_size ?? 1)));

  return (
    <section aria-label="Flights" aria-busy={loading}>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              {columns.map(({ sort, label, number }) => (
                <Heading key={sort} sort={sort} label={label} number={number} query={query} onChange={onChange} />
              ))}
              <th scope="col">Decision</th>
            </tr>
          </thead>
          <tbody>
            {flights.map((flight) => (
              <Row key={flight.flight_id} flight={flight} onChoose={onChoose} />
            ))}
            {page && flights.length === 0 ? (
              <tr>
                <td colSpan={columns.length + 1} className="empty">
                  No flight matches.
                </td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </div>
      <nav className="pages" aria-label="Pages">
        <button disabled={query.page <= 1} onClick={() => onChange({ page: query.page - 1 })}>
          Previous
        </button>
        <p aria-live="polite" data-testid="total">
          {loading && !page ? "Loading …" : `${count(total)} flights, page ${query.page} of ${count(lastPage)}`}
        </p>
        <button disabled={query.page >= lastPage} onClick={() => onChange({ page: query.page + 1 })}>
          Next
        </button>
      </nav>
    </section>
  );
}

type HeadingProps = {
  sort: Query["sort"];
  label: string;
  number?: boolean;
  query: Query;
  onChange: (change: Partial<Query>) => void;
};

function Heading({ sort, label, number, query, onChange }: HeadingProps) {
  const active = query.sort === sort;
  const direction = query.descending ? "descending" : "ascending";
  return (
    <th scope="col" className={number ? "number" : undefined} aria-sort={active ? direction : "none"}>
      <button className="plain" onClick={() => onChange({ sort, descending: active ? !query.descending : true })}>
        {label}
        <span aria-hidden="true" className="arrow">
          {active ? (query.descending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}

function Row({ flight, onChoose }: { flight: Flight; onChoose: (flight: Flight) => void }) {
  return (
    <tr data-flight={flight.flight_id}>
      <td>
        {day(flight.flight_date)} <span className="quiet">{flight.sched_dep_time}</span>
      </td>
      <td>
        <strong>
          {flight.carrier} {flight.flight}
        </strong>{" "}
        <span className="quiet">{flight.airline}</span>
      </td>
      <td>
        <abbr title={flight.origin_airport}>{flight.origin}</abbr> →{" "}
        <abbr title={flight.dest_airport}>{flight.dest}</abbr>
      </td>
      <td className="number">{delay(flight.arr_delay)}</td>
      <td className="number">{money(flight.proposed_amount)}</td>
      <td>
        {flight.decision === null ? (
          <button onClick={() => onChoose(flight)} aria-label={`Decide on flight ${flight.flight_id}`}>
            Decide
          </button>
        ) : (
          <button
            className={`badge ${flight.decision}`}
            onClick={() => onChoose(flight)}
            aria-label={`${flight.decision}, details of flight ${flight.flight_id}`}
          >
            {flight.decision === "approved" ? `Approved ${money(flight.amount)}` : "Refused"}
          </button>
        )}
      </td>
    </tr>
  );
}
