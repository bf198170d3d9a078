/** A duration as people read it: `850 us`, `12 ms`, `3.4 s`, `2 min 5 s`. */
export function renderDuration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} us`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A size as people read it, in powers of 1000: `61 B`, `4.1 kB`, `2.3 MB`. */
export function renderSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** A point in time of a recording, in seconds since it began: `+8.404`. */
export function renderOffset(atMs: number): string {
  return `+${(atMs / 1000).toFixed(3)}`;
}

/** A count with its noun: `1 call`, `2 calls`. */
export function renderCount(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The same text several times becomes one with a count: `agent ok (3 times)`. */
export function tally(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) =>
    count === 1 ? text : `${text} (${count.toLocaleString("en-US")} times)`,
  );
}

/** ISO 8601 without the `T` and the fraction, for people: `2026-11-23 03:10:21 UTC`. */
export function renderInstant(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}
