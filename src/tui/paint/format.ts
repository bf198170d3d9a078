/** A size in at most seven columns: `143 B`, `18.2 kB`, `4.1 MB`. */
export function renderSize(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  return sizeBytes < 999_500 ? `${digits(sizeBytes / 1000)} kB` : `${digits(sizeBytes / 1e6)} MB`;
}

/** A span of time in at most six columns: `0.4 ms`, `29 ms`, `1.24 s`, `12 min`. */
export function renderSpan(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  return ms < 5_999_500 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** A time since some other: `+8.404`, `-0.020`, `+1:02:03.4`. */
export function renderOffset(ms: number): string {
  const sign = ms < 0 ? "-" : "+";
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 1000) return sign + seconds.toFixed(3);
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (
    sign + parts.map((part, index) => String(part).padStart(index === 0 ? 1 : 2, "0")).join(":")
  );
}

/** The wall clock of a moment in UTC: `03:47:16.123`. */
export function renderClock(startedAt: string, atMs: number): string {
  const start = Date.parse(startedAt);
  return Number.isNaN(start) ? "" : new Date(start + atMs).toISOString().slice(11, 23);
}

/** A count with separators: `12,481`. */
export function renderCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

function digits(value: number): string {
  return value < 99.95 ? value.toFixed(1) : String(Math.round(value));
}
