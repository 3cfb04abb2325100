import { useCallback, useEffect, useState } from "react";

import {
  type Carrier,
  type Flight,
  fromParameters,
  getCarriers,
  getFlights,
  getMe,
  type Page,
  type Person,
  type Query,
  startQuery,
  toParameters,
} from "./api";
import { CarrierPanel } from "./CarrierPanel";
import { DecisionDialog } from "./DecisionDialog";
import { Filters } from "./Filters";
import { FlightTable } from "./FlightTable";

/** The query lives in the address, so that a view can be shared and the back button works. */
function useQuery(): [Query, (change: Partial<Query>) => void] {
  const read = () => fromParameters(new URLSearchParams(window.location.search));
  const [query, setQuery] = useState(read);

  useEffect(() => {
    const onBack = () => setQuery(read());
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, []);

  const change = useCallback((part: Partial<Query>) => {
    const next = { ...read(), page: 1, ...part };
    window.history.pushState(null, "", `?${new URLSearchParams(toParameters(next))}`);
    setQuery(next);
  }, []);
  return [query, change];
}

export function App() {
  const [query, change] = useQuery();
  const [person, setPerson] = useState<Person>();
  const [carriers, setCarriers] = useState<Carrier[]>([]);
  const [page, setPage] = useState<Page>();
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState("");
  const [notice, setNotice] = useState("");
  const [chosen, setChosen] = useState<Flight>();
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    getMe().then(setPerson, (error: Error) => setProblem(error.message));
    // A nicety beside the work: without the warehouse the desk goes on.
    getCarriers().then(setCarriers, () => setCarriers([]));
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    getFlights(query, abort.signal)
      .then((loaded) => {
        setPage(loaded);
        setProblem("");
      })
      .catch((error: Error) => {
        if (!abort.signal.aborted) {
          setProblem(error.message);
        }
      })
      .finally(() => {
        if (!abort.signal.aborted) {
          setLoading(false);
        }
      });
    return () => abort.abort();
  }, [query, generation]);

  const onClose = (message?: string) => {
    setChosen(undefined);
    if (message) {
      setNotice(message);
      setGeneration((count) => count + 1);
    }
  };

  return (
    <>
      <header className="bar">
        <a href="/" className="brand">
          Flight desk
        </a>
        <p className="who" data-testid="signed-in">
          {person ? (
            <>
              <span className="avatar" aria-hidden="true">
                {person.name.slice(0, 1).toUpperCase()}
              </span>
              <span>
                <span className="quiet">Signed in as</span> {person.email}
              </span>
            </>
          ) : null}
        </p>
      </header>
      <main>
        <h1>Compensation for delayed flights</h1>
        <p className="lead">
          Flights out of New York in 2013 that arrived at least an hour late. Your decisions are kept for good.
        </p>
        <CarrierPanel carriers={carriers} chosen={query.carrier} onChoose={(carrier) => change({ carrier })} />
        <Filters query={query} carriers={carriers} onChange={change} onReset={() => change(startQuery)} />
        <p role="status" className={notice ? "notice" : "hidden"}>
          {notice}
        </p>
        {problem ? (
          <p role="alert" className="problem">
            {problem} <button onClick={() => setGeneration((count) => count + 1)}>Try again</button>
          </p>
        ) : null}
        <FlightTable page={page} query={query} loading={loading} onChange={change} onChoose={setChosen} />
      </main>
      {chosen ? <DecisionDialog key={chosen.flight_id} flight={chosen} onClose={onClose} /> : null}
    </>
  );
}
