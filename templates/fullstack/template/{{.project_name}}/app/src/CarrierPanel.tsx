import type { Carrier } from "./api";
import { count, delay } from "./format";

type Props = { carriers: Carrier[]; chosen: string; onChoose: (carrier: string) => void };

/** Delays by airline over the whole gold table, as bars that are buttons. */
export function CarrierPanel({ carriers, chosen, onChoose }: Props) {
  const shown = carriers.slice(0, 8);
  const most = Math.max(1, ...shown.map((carrier) => carrier.flights));
  if (shown.length === 0) {
    return null;
  }
  return (
    <section className="carriers" aria-label="Delayed flights by airline">
      {shown.map(({ carrier, airline, flights, mean_delay }) => (
        <button
          key={carrier}
          className="carrier"
          aria-pressed={chosen === carrier}
          onClick={() => onChoose(chosen === carrier ? "" : carrier)}
        >
          <span className="carrier-name">{airline}</span>
          <span className="carrier-bar" aria-hidden="true">
            <span style={{ inlineSize: `${(100 * flights) / most}%` }} />
          </span>
          <span className="quiet">
            {count(flights)} flights, {delay(Math.round(mean_delay))} on average
          </span>
        </button>
      ))}
    </section>
  );
}
