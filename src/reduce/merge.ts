import type {
  Entry,
  NewEntry,
  NewRecordingHeader,
  RecordingHeader,
  ScrubLevel,
} from "../recording/entry.ts";

/** A recording to be merged. */
export interface MergedPart {
  readonly header: RecordingHeader;
  readonly entries: readonly Entry[];
}

/** Several recordings as one: connections numbered anew in order of arrival, entries in the order of the wall clock. */
export function mergeRecordings(parts: readonly MergedPart[]): {
  readonly header: NewRecordingHeader;
  readonly entries: readonly NewEntry[];
  /** Where each connection is from, by its new number less one: which of the parts, and its number there. */
  readonly origins: readonly { readonly part: number; readonly connection: number }[];
} {
  const startMs = Math.min(...parts.map(({ header }) => Date.parse(header.startedAt)));
  const numbers = new Map<string, number>();
  const origins: { readonly part: number; readonly connection: number }[] = [];
  const entries = parts
    .flatMap(({ header, entries: own }, part) => {
      // The clock of a recording does not jump; its wall clock may, so only the start is taken from that.
      const laterMs = Date.parse(header.startedAt) - startMs;
      return own.map((entry) => ({ part, entry: shift(entry, laterMs) }));
    })
    .toSorted((left, right) => left.entry.atMs - right.entry.atMs)
    .map(({ part, entry }): NewEntry => {
      if (entry.connection === 0) return entry;
      const key = `${part} ${entry.connection}`;
      const connection = numbers.get(key) ?? numbers.size + 1;
      if (connection > origins.length) origins.push({ part, connection: entry.connection });
      numbers.set(key, connection);
      return { ...entry, connection };
    });
  return {
    header: mergeHeaders(
      parts.map(({ header }) => header),
      startMs,
    ),
    entries,
    origins,
  };
}

function shift(numbered: Entry, laterMs: number): NewEntry {
  const { entry: _, ...entry } = numbered;
  const atMs = entry.atMs + laterMs;
  return entry.kind === "gap"
    ? { ...entry, atMs, untilMs: entry.untilMs + laterMs }
    : { ...entry, atMs };
}

const LEVELS: readonly (ScrubLevel | null)[] = [null, "credentials", "identifiers", "content"];

function mergeHeaders(headers: readonly RecordingHeader[], startMs: number): NewRecordingHeader {
  const same = <T>(values: readonly T[]): T | null => {
    const [first, ...others] = new Set(values);
    return first === undefined || others.length > 0 ? null : first;
  };
  const least = Math.min(...headers.map(({ scrubbed }) => LEVELS.indexOf(scrubbed)));
  return {
    source: same(headers.map(({ source }) => source)) ?? "import",
    startedAt: new Date(startMs).toISOString(),
    upstream: same(headers.map(({ upstream }) => upstream)),
    listen: same(headers.map(({ listen }) => listen)),
    // One with credentials in clear makes the whole one with credentials in clear.
    redaction: headers.some(({ redaction }) => redaction === "off") ? "off" : "credentials",
    replayOf: [...new Set(headers.flatMap(({ replayOf }) => replayOf))],
    assumedPeer: same(headers.map(({ assumedPeer }) => assumedPeer)),
    localityChange: same(headers.map(({ localityChange }) => localityChange)),
    scrubbed: LEVELS[least] ?? null,
  };
}
