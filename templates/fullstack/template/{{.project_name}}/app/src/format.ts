const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const counts = new Intl.NumberFormat("en-US");

export const money = (amount: number) => dollars.format(amount);
export const day = (date: string) => days.format(new Date(`${date}T00:00:00Z`));
export const moment = (timestamp: string) => moments.format(new Date(timestamp));
export const count = (value: number) => counts.format(value);

/** 135 → "2 h 15 min" */
export function delay(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
