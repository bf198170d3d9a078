import type { NewEntry } from "../../recording/entry.ts";
import { toEntry } from "../../recording/entry.ts";
import { ConnectionDecoder } from "../../wire/decoder.ts";
import type { Moment } from "../../wire/event.ts";
import type { Side } from "../../wire/message.ts";
import type { Segment } from "./tcp-segment.ts";
import { TcpStream } from "./tcp-stream.ts";

type ClosedBy = Extract<NewEntry, { kind: "closed" }>;

/** What the first bytes of a client say a connection is. */
export type TcpContent = "http" | "tls" | "other" | "silent";

/** What the connections of one capture share. */
export interface CaptureContext {
  readonly momentOf: (wallMs: number) => Moment;
  /** Told of each entry; throws when they are too many. */
  readonly count: (entry: NewEntry) => void;
}

/** One TCP connection of a packet capture, becoming entries of a recording. */
export class TcpConnection {
  readonly client: string;
  readonly gateway: string;
  readonly #entries: NewEntry[] = [];
  readonly #connection: number;
  readonly #openedBy: number;
  readonly #capture: CaptureContext;
  /** Most connections of a capture may be none to decode. */
  #decoder: ConnectionDecoder | null = null;
  readonly #streams = { client: new TcpStream(), gateway: new TcpStream() };
  readonly #toldLost = new Set<Side>();
  readonly #finished = new Set<Side>();
  #content: TcpContent = "silent";
  #lastMs = 0;
  #firstFin: Side | null = null;
  #closed: ClosedBy | null = null;

  constructor(opener: Segment, connection: number, capture: CaptureContext) {
    // Where the capture began later, the one that answers a SYN is the Gateway; else who speaks first is the client.
    const isReply = opener.syn && opener.ack;
    this.client = isReply ? opener.destination : opener.source;
    this.gateway = isReply ? opener.source : opener.destination;
    this.#openedBy = opener.sequence;
    this.#connection = connection;
    this.#capture = capture;
    this.#add({
      ...capture.momentOf(opener.wallMs),
      kind: "opened",
      connection,
      clientAddress: this.client,
      // No tap stood between them.
      peerAddress: this.client,
      gatewayAddress: this.gateway,
    });
  }

  /** In order but for the last, which is the end. */
  get entries(): readonly NewEntry[] {
    return this.#entries;
  }

  get content(): TcpContent {
    return this.#content;
  }

  /** True when a segment opens another connection between the same addresses and ports. */
  isBefore({ syn, ack, sequence }: Segment): boolean {
    return syn && !ack && sequence !== this.#openedBy;
  }

  /** Takes the next segment of either side. */
  async take(segment: Segment): Promise<void> {
    const from: Side = segment.source === this.client ? "client" : "gateway";
    const at = this.#capture.momentOf(segment.wallMs);
    this.#lastMs = segment.wallMs;
    for (const piece of this.#streams[from].take(segment)) {
      if (from === "client" && this.#content === "silent") this.#content = contentOf(piece);
      if (this.#content !== "http") continue;
      this.#decoder ??= new ConnectionDecoder((event) =>
        this.#add(toEntry(this.#connection, event)),
      );
      this.#decoder.push(from, piece, at);
    }
    this.#tellLost(from, at);
    if (segment.fin) this.#fin(from, at);
    if (segment.rst) this.#close({ ...at, by: from, how: "reset" });
    await this.#decoder?.idle();
  }

  /** The capture is over. */
  async end(): Promise<void> {
    const at = this.#capture.momentOf(this.#lastMs);
    for (const side of ["client", "gateway"] as const) {
      this.#streams[side].giveUp();
      this.#tellLost(side, at);
    }
    if (this.#closed !== null) {
      // What was cut short is told now: a last packet may come after the one that says it is the last.
      this.#decoder?.end("client", this.#closed);
      this.#decoder?.end("gateway", this.#closed);
    }
    await this.#decoder?.idle();
    if (this.#closed !== null) this.#add(this.#closed);
  }

  #fin(from: Side, at: Moment): void {
    this.#finished.add(from);
    this.#firstFin ??= from;
    if (this.#finished.size === 2) this.#close({ ...at, by: this.#firstFin, how: "fin" });
  }

  #close(how: Moment & Pick<ClosedBy, "by" | "how">): void {
    this.#closed ??= { kind: "closed", connection: this.#connection, error: null, ...how };
  }

  #tellLost(from: Side, at: Moment): void {
    const sizeBytes = this.#streams[from].lostBytes;
    if (sizeBytes === 0 || this.#toldLost.has(from)) return;
    this.#toldLost.add(from);
    const reason = "the packet capture lacks bytes here";
    const bytes = new Uint8Array();
    this.#add(
      toEntry(this.#connection, { ...at, kind: "undecodable", from, reason, sizeBytes, bytes }),
    );
  }

  #add(entry: NewEntry): void {
    this.#capture.count(entry);
    this.#entries.push(entry);
  }
}

function contentOf(bytes: Uint8Array): TcpContent {
  // A TLS handshake record of whatever version (RFC 8446, section 5.1).
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return "tls";
  return /^[A-Z]+(?: |$)/.test(String.fromCharCode(...bytes.subarray(0, 16))) ? "http" : "other";
}
