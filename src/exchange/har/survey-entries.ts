import type { Entry } from "../../recording/entry.ts";

/** Where the entries of a connection are. */
export interface ConnectionRange {
  readonly connection: number;
  readonly first: number;
  readonly last: number;
}

/** A first look over a recording. */
export interface Survey {
  /** In order of arrival; only those with a request or a message. */
  readonly connections: readonly ConnectionRange[];
  /** Connections that never said anything. */
  readonly silent: number;
  readonly gaps: number;
  readonly missingEntries: number;
  /** Why the recorder was blind, each reason once, the first few. */
  readonly reasons: readonly string[];
}

interface Seen {
  readonly first: number;
  last: number;
  speaks: boolean;
}

const MAX_REASONS = 5;

/** Reads entries once, to know where each connection begins and ends and what is missing. */
export async function surveyEntries(entries: AsyncIterable<Entry>): Promise<Survey> {
  const seen = new Map<number, Seen>();
  const reasons = new Set<string>();
  let gaps = 0;
  let missingEntries = 0;
  for await (const entry of entries) {
    if (entry.kind === "gap") {
      gaps += 1;
      missingEntries += entry.missingEntries;
      if (reasons.size < MAX_REASONS) reasons.add(entry.reason);
    }
    if (entry.connection === 0) continue;
    let range = seen.get(entry.connection);
    if (range === undefined) {
      range = { first: entry.entry, last: entry.entry, speaks: false };
      seen.set(entry.connection, range);
    }
    range.last = entry.entry;
    range.speaks ||= entry.kind === "http-request" || entry.kind === "message";
  }
  const speaking = [...seen].filter(([, { speaks }]) => speaks);
  return {
    connections: speaking.map(([connection, { first, last }]) => ({ connection, first, last })),
    silent: seen.size - speaking.length,
    gaps,
    missingEntries,
    reasons: [...reasons],
  };
}
