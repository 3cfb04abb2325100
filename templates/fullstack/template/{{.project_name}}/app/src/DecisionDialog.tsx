import { type FormEvent, useEffect, useRef, useState } from "react";

import { decide, type Decision, type Flight, getHistory } from "./api";
import { day, delay, moment, money } from "./format";

type Props = { flight: Flight; onClose: (message?: string) => void };

export function DecisionDialog({ flight, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [history, setHistory] = useState<Decision[]>();
  const [choice, setChoice] = useState<Decision["decision"]>("approved");
  const [amount, setAmount] = useState(flight.proposed_amount);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const [saving, setSaving] = useState(false);

  const load = () => getHistory(flight.flight_id).then(setHistory, (error: Error) => setProblem(error.message));

  useEffect(() => {
    dialog.current?.showModal();
    void load();
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    try {
      await decide(flight.flight_id, {
        decision: choice,
        amount: choice === "approved" ? amount : 0,
        reason,
        seen_revision: history?.[0]?.revision ?? 0,
      });
      onClose(`Flight ${flight.carrier} ${flight.flight} of ${day(flight.flight_date)}: compensation ${choice}.`);
    } catch (error) {
      setProblem((error as Error).message);
      void load(); // somebody may have decided meanwhile
    } finally {
      setSaving(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={() => onClose()}>
      <h2 id="dialog-title">
        {flight.carrier} {flight.flight}, {day(flight.flight_date)}
      </h2>
      <p className="quiet">
        {flight.origin_airport} → {flight.dest_airport}
      </p>
      <Facts flight={flight} />
      <form onSubmit={submit}>
        <fieldset>
          <legend>Compensation</legend>
          {(["approved", "refused"] as const).map((value) => (
            <label key={value} className="choice">
              <input type="radio" name="decision" checked={choice === value} onChange={() => setChoice(value)} />
              <span>{value === "approved" ? "Approve" : "Refuse"}</span>
            </label>
          ))}
        </fieldset>
        {choice === "approved" ? (
          <label>
            Amount in US dollars
            <input
              type="number"
              min={1}
              max={5000}
              required
              value={amount}
              onChange={(event) => setAmount(event.target.valueAsNumber || 0)}
            />
          </label>
        ) : null}
        <label>
          Reason
          <textarea
            required
            minLength={3}
            maxLength={500}
            rows={3}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {problem ? (
          <p role="alert" className="problem">
            {problem}
          </p>
        ) : null}
        <div className="actions">
          <button type="button" className="plain" onClick={() => onClose()}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={saving || history === undefined}>
            {saving ? "Saving …" : choice === "approved" ? "Approve compensation" : "Refuse compensation"}
          </button>
        </div>
      </form>
      <History decisions={history} />
    </dialog>
  );
}

function Facts({ flight }: { flight: Flight }) {
  const facts: [string, string | null][] = [
    ["Arrived late by", delay(flight.arr_delay)],
    ["Departed late by", flight.dep_delay === null ? null : delay(Math.max(0, flight.dep_delay))],
    ["Distance", `${flight.distance} miles`],
    ["Aircraft", [flight.aircraft, flight.tailnum].filter(Boolean).join(", ") || null],
    ["Wind", flight.wind_speed === null ? null : `${Math.round(flight.wind_speed)} mph`],
    ["Rain", flight.precip === null ? null : `${flight.precip} in/h`],
    ["Visibility", flight.visib === null ? null : `${flight.visib} miles`],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? "unknown"}</dd>
        </div>
      ))}
    </dl>
  );
}

function History({ decisions }: { decisions: Decision[] | undefined }) {
  return (
    <section aria-label="Earlier decisions">
      <h3>Earlier decisions</h3>
      {decisions === undefined ? <p className="quiet">Loading …</p> : null}
      {decisions?.length === 0 ? <p className="quiet">None yet.</p> : null}
      <ol className="history" reversed>
        {decisions?.map((decision) => (
          <li key={decision.revision}>
            <span className={`badge ${decision.decision}`}>
              {decision.decision === "approved" ? `Approved ${money(decision.amount)}` : "Refused"}
            </span>{" "}
            by {decision.decided_by}, {moment(decision.decided_at)}
            <br />
            <q>{decision.reason}</q>
          </li>
        ))}
      </ol>
    </section>
  );
}
