export type Decision = {
  revision: number;
  decision: "approved" | "refused";
  amount: number;
  reason: string;
  decided_by: string;
  decided_at: string;
};

export type Flight = {
  flight_id: string;
  flight_date: string;
  sched_dep_time: string;
  carrier: string;
  airline: string;
  flight: number;
  origin: string;
  origin_airport: string;
  dest: string;
  dest_airport: string;
  arr_delay: number;
  dep_delay: number | null;
  distance: number;
  tailnum: string | null;
  aircraft: string | null;
  temp: number | null;
  wind_speed: number | null;
  precip: number | null;
  visib: number | null;
  proposed_amount: number;
} & (Decision | { [Key in keyof Decision]: null });

export type Page = { total: number; page: number; page_size: number; flights: Flight[] };
export type Person = { email: string; name: string };
export type Carrier = { carrier: string; airline: string; flights: number; mean_delay: number };

export const statuses = ["open", "approved", "refused", "all"] as const;
export const sorts = ["flight_date", "airline", "route", "arr_delay", "proposed_amount"] as const;

export type Query = {
  search: string;
  carrier: string;
  status: (typeof statuses)[number];
  sort: (typeof sorts)[number];
  descending: boolean;
  page: number;
};

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...init });
  if (response.ok) {
    return (await response.json()) as T;
  }
  const body = (await response.json().catch(() => ({}))) as {
    message?: string;
    detail?: { msg: string }[];
  };
  const message = body.message ?? body.detail?.[0]?.msg ?? `The server answered ${response.status}.`;
  throw new ApiError(response.status, message);
}

export const getMe = () => request<Person>("/api/me");
export const getCarriers = () => request<Carrier[]>("/api/carriers");

export const getFlights = (query: Query, signal: AbortSignal) =>
  request<Page>(`/api/flights?${new URLSearchParams(toParameters(query))}`, { signal });

export const getHistory = (flightId: string) =>
  request<Decision[]>(`/api/flights/${encodeURIComponent(flightId)}/decisions`);

export const decide = (
  flightId: string,
  decision: Pick<Decision, "decision" | "amount" | "reason"> & { seen_revision: number },
) =>
  request<Decision>(`/api/flights/${encodeURIComponent(flightId)}/decisions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(decision),
  });

export const startQuery: Query = {
  search: "",
  carrier: "",
  status: "open",
  sort: "arr_delay",
  descending: true,
  page: 1,
};

export function toParameters(query: Query): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)]));
}

/** The query that an address stands for; what makes no sense in it falls back to the start. */
export function fromParameters(parameters: URLSearchParams): Query {
  const status = parameters.get("status");
  const sort = parameters.get("sort");
  return {
    search: parameters.get("search") ?? startQuery.search,
    carrier: parameters.get("carrier") ?? startQuery.carrier,
    status: statuses.find((known) => known === status) ?? startQuery.status,
    sort: sorts.find((known) => known === sort) ?? startQuery.sort,
    descending: parameters.get("descending") !== "false",
    page: Math.max(1, Number.parseInt(parameters.get("page") ?? "1", 10) || 1),
  };
}
