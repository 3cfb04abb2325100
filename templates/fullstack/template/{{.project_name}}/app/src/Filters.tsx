import { useEffect, useState } from "react";

import { type Carrier, type Query, statuses } from "./api";

const labels: Record<Query["status"], string> = {
  open: "Open",
  approved: "Approved",
  refused: "Refused",
  all: "All",
};

type Props = {
  query: Query;
  carriers: Carrier[];
  onChange: (change: Partial<Query>) => void;
  onReset: () => void;
};

export function Filters({ query, carriers, onChange, onReset }: Props) {
  const [search, setSearch] = useState(query.search);
  useEffect(() => setSearch(query.search), [query.search]);
  useEffect(() => {
    if (search === query.search) {
      return;
    }
    const timer = setTimeout(() => onChange({ search }), 250);
    return () => clearTimeout(timer);
  }, [search, query.search, onChange]);

  return (
    <form className="filters" role="search" aria-label="Flights" onSubmit={(event) => event.preventDefault()}>
      <label>
        Search
        <input
          type="search"
          value={search}
          maxLength={100}
          placeholder="Flight, airline, destination, tail number"
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      <label>
        Airline
        <select value={query.carrier} onChange={(event) => onChange({ carrier: event.target.value })}>
          <option value="">All</option>
          {carriers.map(({ carrier, airline }) => (
            <option key={carrier} value={carrier}>
              {airline}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>Decision</legend>
        {statuses.map((status) => (
          <label key={status} className="choice">
            <input
              type="radio"
              name="status"
              checked={query.status === status}
              onChange={() => onChange({ status })}
            />
            <span>{labels[status]}</span>
          </label>
        ))}
      </fieldset>
      <button type="button" className="plain" onClick={onReset}>
        Reset
      </button>
    </form>
  );
}
