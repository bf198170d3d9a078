import { GwTraceError } from "../../errors.ts";
import type { Entry, GapEntry, RecordingHeader } from "../../recording/entry.ts";
import { TOOL_VERSION } from "../../version.ts";
import { escapeJson } from "../../views/printable.ts";
import { HarConnection } from "./connection.ts";
import type { HarOrigin } from "./entry.ts";

/** A recording, or a part of one, to be written. */
export interface ExportedRecording {
  readonly header: RecordingHeader;
  /** What is known to be missing, in plain words; whole after the entries were read. */
  readonly missing: readonly string[];
  readonly entries: AsyncIterable<Entry>;
}

/** So much of connections that overlap is held at most: each stands as a whole in a HAR. */
const MAX_HELD_CHARACTERS = 100_000_000;

/**
 * Writes a recording as a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome writes them, in pieces, connection by
 * connection. What HAR has no field for goes into `_gwTrace` fields and comments.
 * @throws {GwTraceError} USAGE when connections that overlap are too large to be held
 */
export async function* renderHar(
  recording: ExportedRecording,
): AsyncGenerator<string, void, undefined> {
  for await (const piece of renderPieces(recording)) yield escapeJson(piece);
}

async function* renderPieces(
  recording: ExportedRecording,
): AsyncGenerator<string, void, undefined> {
  const { header, entries } = recording;
  const creator = { name: "gw-trace", version: TOOL_VERSION };
  const head = { version: "1.2", creator, pages: [], _gwTrace: header };
  yield `{"log":${JSON.stringify(head).slice(0, -1)},"entries":[`;
  const connections = new WaitingConnections(originOf(header));
  const losses = new Losses();
  for await (const entry of entries) {
    if (entry.kind === "gap") losses.add(entry);
    if (entry.connection > 0) yield* connections.add(entry);
  }
  yield* connections.end();
  yield `\n],"comment":${JSON.stringify(describe(recording, losses, connections.silent))}}}\n`;
}

interface Waiting {
  readonly connection: number;
  readonly writer: HarConnection;
  /** What cannot be written before the connections that came earlier. */
  held: string[];
  isEnded: boolean;
}

/** Writes connections one after the other, in order of arrival: the first that is open as it goes on, what the others say is held meanwhile. */
class WaitingConnections {
  readonly #origin: Omit<HarOrigin, "connection">;
  readonly #queue: Waiting[] = [];
  readonly #open = new Map<number, Waiting>();
  #heldCharacters = 0;
  #isFirst = true;
  /** How many never said anything. */
  silent = 0;

  constructor(origin: Omit<HarOrigin, "connection">) {
    this.#origin = origin;
  }

  *add(entry: Entry): Generator<string, void, undefined> {
    const { connection } = entry;
    let waiting = this.#open.get(connection);
    if (waiting === undefined) {
      const writer = new HarConnection({ ...this.#origin, connection });
      waiting = { connection, writer, held: [], isEnded: false };
      this.#open.set(connection, waiting);
      this.#queue.push(waiting);
    }
    yield* this.#write(waiting, waiting.writer.add(entry));
    if (entry.kind === "closed") yield* this.#end(waiting);
  }

  *end(): Generator<string, void, undefined> {
    for (const waiting of this.#open.values()) yield* this.#end(waiting);
  }

  *#end(waiting: Waiting): Generator<string, void, undefined> {
    yield* this.#write(waiting, waiting.writer.end());
    if (waiting.writer.isSilent) this.silent += 1;
    waiting.isEnded = true;
    this.#open.delete(waiting.connection);
    while (this.#queue[0]?.isEnded === true) {
      this.#queue.shift();
      const next = this.#queue[0];
      if (next === undefined) return;
      const { held } = next;
      next.held = [];
      for (const piece of held) this.#heldCharacters -= piece.length;
      yield* this.#write(next, held);
    }
  }

  *#write(waiting: Waiting, pieces: Iterable<string>): Generator<string, void, undefined> {
    const isNext = waiting === this.#queue[0];
    for (const piece of pieces) {
      if (!isNext) {
        waiting.held.push(piece);
        this.#heldCharacters += piece.length;
        if (this.#heldCharacters > MAX_HELD_CHARACTERS) throw tooMuchAtOnce();
        continue;
      }
      yield this.#isFirst ? piece.replace(/^,/, "") : piece;
      this.#isFirst = false;
    }
  }
}

function tooMuchAtOnce(): GwTraceError {
  return new GwTraceError(
    "USAGE",
    "connections that were open at once hold too much for a HAR, where each stands as a whole",
    "Write JSON lines, or make a part of the recording first, with gw-trace cut.",
  );
}

const MAX_REASONS = 5;

/** What a recording misses, as its gaps tell it. */
class Losses {
  readonly reasons = new Set<string>();
  gaps = 0;
  missingEntries = 0;

  add({ missingEntries, reason }: GapEntry): void {
    this.gaps += 1;
    this.missingEntries += missingEntries;
    if (this.reasons.size < MAX_REASONS) this.reasons.add(reason);
  }
}

function originOf({ startedAt, upstream, listen }: RecordingHeader): {
  readonly startedMs: number;
  readonly host: string;
  readonly isSecure: boolean;
} {
  const [, host] = /^\w+:\/\/([^/?#]+)/.exec(upstream ?? "") ?? [];
  return {
    startedMs: Date.parse(startedAt),
    host: host ?? listen ?? "gateway",
    isSecure: /^(?:wss|https):/i.test(upstream ?? ""),
  };
}

/** What the reader of a HAR has to know of what is not in it. */
function describe(
  { header, missing }: ExportedRecording,
  { gaps, missingEntries, reasons }: Losses,
  silent: number,
): string {
  const { redaction, scrubbed } = header;
  return [
    redaction === "off" && scrubbed === null
      ? "Credentials are in clear."
      : "Credentials were taken out (<redacted:…>).",
    ...(scrubbed === null || scrubbed === "credentials"
      ? []
      : [
          `Scrubbed of ${scrubbed === "content" ? "identifiers and content" : "identifiers"}, too.`,
        ]),
    ...(gaps === 0
      ? []
      : [
          `MESSAGES ARE MISSING: ${missingEntries} entries in ${gaps} places (${[...reasons].join("; ")}).`,
        ]),
    ...missing.map((line) => `Missing: ${line}.`),
    ...(silent === 0 ? [] : [`${silent} connections without a request are left out.`]),
  ].join(" ");
}
