/** Numbers, sizes and times as people read them. */
const units = ["B", "kB", "MB", "GB", "TB"];

/** 1234567 -> "1.2 MB" (units of 1000). */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export const count = (value: number, one: string, many = `${one}s`) => `${value.toLocaleString("en")} ${value === 1 ? one : many}`;

/** 0.42 -> "0.4 s", 75 -> "1 min 15 s". */
export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

const dayMilliseconds = 86_400_000;
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** The heading under which a time is listed. */
export function dayGroup(epochSeconds: number, now = new Date()): string {
  const days = Math.round((startOfDay(now) - startOfDay(new Date(epochSeconds * 1000))) / dayMilliseconds);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "This week";
  if (days < 31) return "This month";
  return new Date(epochSeconds * 1000).toLocaleDateString("en", { month: "long", year: "numeric" });
}

/** "14:05" today, "3 Nov" this year, else with the year. */
export function when(epochSeconds: number, now = new Date()): string {
  const date = new Date(epochSeconds * 1000);
  if (startOfDay(date) === startOfDay(now)) return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const sameYear = date.getFullYear() === now.getFullYear();
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** Words of a passage in one flow: the line ends of a PDF are those of its page, not of its sentences. */
export const flowing = (text: string) => text.replace(/\s+/g, " ").trim();

/** Where a passage is: "page 3", "Sheet “Costs”", or nothing for a format without pages. */
export function place(at: { page: number | null; label: string | null }): string | null {
  if (at.label) return at.label;
  return at.page === null ? null : `page ${at.page}`;
}
