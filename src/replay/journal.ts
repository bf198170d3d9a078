import type { Profile } from "../gateway/profile.ts";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ParsedFrame } from "../gateway/frame.ts";
import type { Entry, NewEntry } from "../recording/entry.ts";
import { roundToMicroseconds } from "../recording/entry-codec.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { Connection } from "../trace/model.ts";
import { formatAddress } from "../wire/address.ts";
import type { Headers, Message, Side } from "../wire/message.ts";

/** Where entries go, such as a `RecordingWriter`. Gives them as they are kept: numbered from 1, without credentials. */
export interface EntrySink {
  append(entry: NewEntry): Entry;
}

/** An entry's own fields: when and on which connection is the journal's business. */
type Untimed<E> = E extends unknown ? Omit<E, "atMs" | "wallMs" | "connection"> : never;

/** Writes down what happens in a replay, and what it means. Keeps it until there is somewhere to write it to. */
export class Journal {
  readonly #startMs = performance.now();
  #sink: EntrySink | null = null;
  /** What happened before it was said where to write it to. */
  #kept: NewEntry[] | null = [];
  #count = 0;
  readonly #builder: TraceBuilder;
  readonly #webSockets = new Set<number>();
  readonly #ends = new Map<number, () => void>();

  /** Wall clock at the beginning, ISO 8601 in UTC. */
  readonly startedAt = new Date().toISOString();

  /** The peer that Gateways are to be taken to see, where it is not that of the sockets. */
  constructor(assumedPeer: string | null = null, profiles: readonly Profile[] = []) {
    this.#builder = new TraceBuilder({ assumedPeer }, { profiles });
  }

  /** From now on entries go there, and first those that were kept. Null: nothing is written down. */
  writeTo(sink: EntrySink | null): void {
    for (const entry of this.#kept ?? []) sink?.append(entry);
    this.#kept = null;
    this.#sink = sink;
  }

  /** What happened so far. */
  connections(): readonly Connection[] {
    return this.#builder.connections();
  }

  /** Notes one thing that happened now. */
  note(connection: number, what: Untimed<NewEntry>): void {
    this.#keep({ atMs: this.#nowMs(), wallMs: Date.now(), connection, ...what });
  }

  /** Notes a message, with its frame where somebody read it already. Gives the number of its entry. */
  noteMessage(connection: number, from: Side, message: Message, frame?: ParsedFrame): number {
    const sizeBytes = sizeOf(message);
    const [atMs, wallMs] = [this.#nowMs(), Date.now()];
    // Field by field, as there are so many of these.
    return this.#keep({ atMs, wallMs, connection, kind: "message", from, message, sizeBytes, redacted: false }, frame); // prettier-ignore
  }

  /** As recordings store times, so that the entry need not be copied to round it. */
  #nowMs(): number {
    return roundToMicroseconds(performance.now() - this.#startMs);
  }

  #keep(entry: NewEntry, frame?: ParsedFrame): number {
    this.#kept?.push(entry);
    const kept = this.#sink?.append(entry) ?? { ...entry, entry: ++this.#count };
    this.#builder.add(kept, frame);
    return kept.entry;
  }

  /** Notes a client's TCP connection, and its end when it comes; then calls `onGone`. */
  noteSocket(connection: number, socket: Socket, onGone: () => void): void {
    this.note(connection, {
      kind: "opened",
      clientAddress: formatAddress(socket.remoteAddress, socket.remotePort),
      peerAddress: formatAddress(socket.remoteAddress, socket.remotePort),
      gatewayAddress: formatAddress(socket.localAddress, socket.localPort),
    });
    let endedByClient = false;
    let error: string | null = null;
    socket.once("end", () => (endedByClient = true));
    socket.on("error", (cause: NodeJS.ErrnoException) => (error = cause.code ?? cause.message));
    socket.once("close", () => {
      const by = endedByClient || error !== null ? "client" : "gateway";
      const how = error === null ? "fin" : "reset";
      const end = (): void => {
        this.note(connection, { kind: "closed", by, how, error });
        onGone();
      };
      if (this.#webSockets.delete(connection)) this.#ends.set(connection, end);
      else end();
    });
  }

  /** From now on the connection's end is noted when its WebSocket says so: a close frame is told of only then. */
  noteWebSocket(connection: number): void {
    this.#webSockets.add(connection);
  }

  /** The WebSocket is over, and its TCP connection with it. */
  noteWebSocketEnd(connection: number): void {
    this.#ends.get(connection)?.();
    this.#ends.delete(connection);
  }

  /** Notes the head of an HTTP request. */
  noteRequest(connection: number, request: IncomingMessage): void {
    this.note(connection, {
      kind: "http-request",
      method: request.method ?? "",
      target: request.url ?? "",
      headers: pairsOf(request.rawHeaders),
      redacted: false,
    });
  }
}

/** Node's flat list of names and values as pairs. */
export function pairsOf(rawHeaders: readonly string[]): Headers {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}

function sizeOf(message: Message): number {
  if (message.type === "text") return Buffer.byteLength(message.text);
  if (message.type !== "close") return message.bytes.length;
  return message.code === null ? 0 : 2 + Buffer.byteLength(message.reason);
}
