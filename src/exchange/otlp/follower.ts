import type { Finding } from "../../findings/finding.ts";
import type { Entry } from "../../recording/entry.ts";
import { readingOf, type Envelope, type FrameReading } from "../../recording/frame-reading.ts";
import type { Connection, Rpc } from "../../trace/model.ts";
import { answerRpc, beginRpc, type OpenRpc } from "../../trace/rpc.ts";
import { Allowance } from "./allowance.ts";
import { buildRpcSpan } from "./calls.ts";
import { buildFrameSpans, endOf, findingsOfRpc, joinedLink } from "./connection.ts";
import { buildContext, type OtlpContext } from "./context.ts";
import type { OtlpOrigin } from "./origin.ts";
import { MAX_EVENTS, type OtlpLink, type OtlpSpan } from "./span.ts";

/** Calls of one connection that wait for an answer, or for what is found on them. Beyond this the oldest get no span. */
const MAX_CALLS = 1000;

/**
 * Calls that get a span. To make and send one takes some tens of microseconds of the recording thread, and recording comes
 * first.
 */
const CALLS_A_SECOND = 1000;

/** What a live tap knows of a connection that is over. */
export interface FollowedConnection {
  readonly connection: Connection;
  readonly calls: number;
  readonly failed: number;
}

interface Followed {
  context: OtlpContext | null;
  connectId: string | null;
  findings: readonly Finding[];
  readonly open: Map<string, OpenRpc>;
  /** Calls that are over and about which something may still be found. */
  held: Rpc[];
  joinedCalls: number;
  readonly joined: OtlpLink[];
}

/**
 * Makes spans while a recording is made: of a call when it is over, of a connection when it has ended. They are those that an
 * export of the recording makes. What it holds is bounded, however long a connection lasts.
 */
export class OtlpFollower {
  readonly #origin: OtlpOrigin;
  readonly #onSpan: (span: OtlpSpan) => void;
  readonly #connections = new Map<number, Followed>();
  readonly #allowance = new Allowance(CALLS_A_SECOND);
  #missedCalls = 0;

  constructor(origin: OtlpOrigin, onSpan: (span: OtlpSpan) => void) {
    this.#origin = origin;
    this.#onSpan = onSpan;
  }

  /** Calls that got no span, because they were too many a second, or too many waited at once. */
  get missedCalls(): number {
    return this.#missedCalls;
  }

  /** Takes in the next entry, in recorded order, with what was read of it. */
  add(entry: Entry, reading: FrameReading | null = readingOf(entry)): void {
    if (entry.kind === "opened") this.#connections.set(entry.connection, follow());
    const followed = this.#connections.get(entry.connection);
    if (followed === undefined || entry.kind !== "message" || reading === null) return;
    // What cannot matter is not read in full: events are the most and the largest, and a call left out has an answer all the same.
    const envelope = reading.envelope;
    if (envelope === null || (envelope.type === "req") !== (entry.from === "client")) return;
    const isWanted =
      envelope.type === "req" ? this.#mayBegin(entry.atMs) : mayAnswer(followed, envelope);
    if (!isWanted) return;
    const { parsed } = reading;
    if (!parsed.ok) return;
    const { frame } = parsed;
    if (frame.type === "req") {
      if (frame.method === "connect" && followed.connectId === null) followed.connectId = frame.id;
      else this.#begin(followed, beginRpc(entry, frame));
    } else if (frame.type === "res") {
      const rpc = followed.open.get(frame.id);
      if (rpc === undefined || answerRpc(rpc, entry, frame) !== "answered") return;
      followed.open.delete(frame.id);
      this.#end(followed, rpc);
    }
  }

  /** Takes in that a handshake was decided: from here on calls can be told of. */
  decided(connection: Connection): void {
    const followed = this.#connections.get(connection.id);
    if (followed !== undefined) followed.context = buildContext(this.#origin, connection);
  }

  /** Takes in all that is found on a connection by now. */
  found(connection: number, findings: readonly Finding[]): void {
    const followed = this.#connections.get(connection);
    if (followed !== undefined) followed.findings = findings;
  }

  /** Tells of the calls that waited for findings: whatever is to be found on them has been told. */
  settle(): void {
    for (const followed of this.#connections.values()) this.#settle(followed, null);
  }

  /** Takes in that a connection is over, or that nothing more will be heard of it, and forgets it. */
  over({ connection, calls, failed }: FollowedConnection): void {
    const followed = this.#connections.get(connection.id);
    if (followed === undefined) return;
    this.#connections.delete(connection.id);
    followed.context = buildContext(this.#origin, connection);
    followed.held.push(...followed.open.values());
    this.#settle(followed, endOf(connection));
    const { findings, joined, joinedCalls } = followed;
    const over = { connection, findings, calls, failed, joined, joinedCalls };
    for (const span of buildFrameSpans(this.#origin, over)) this.#onSpan(span);
  }

  #mayBegin(atMs: number): boolean {
    if (this.#allowance.take(atMs)) return true;
    this.#missedCalls += 1;
    return false;
  }

  #begin(followed: Followed, rpc: OpenRpc): void {
    // A second request with the id of one that waits takes its answer.
    const before = followed.open.get(rpc.id);
    if (before !== undefined) this.#end(followed, before);
    followed.open.set(rpc.id, rpc);
    if (followed.open.size <= MAX_CALLS) return;
    const [oldest] = followed.open.keys();
    followed.open.delete(oldest ?? "");
    this.#missedCalls += 1;
  }

  #end(followed: Followed, rpc: Rpc): void {
    const { ok } = rpc.final ?? rpc;
    const { context, held } = followed;
    if (ok === true && context !== null) return this.#tell(followed, context, rpc, rpc.startMs);
    held.push(rpc);
    if (held.length <= MAX_CALLS) return;
    if (context === null) {
      held.shift();
      this.#missedCalls += 1;
    } else this.#settle(followed, null);
  }

  #settle(followed: Followed, endMs: number | null): void {
    const { context, held } = followed;
    if (context === null) return;
    followed.held = [];
    for (const rpc of held) this.#tell(followed, context, rpc, endMs ?? rpc.startMs);
  }

  #tell(followed: Followed, context: OtlpContext, rpc: Rpc, endMs: number): void {
    const joined = joinedLink(context, rpc);
    followed.joinedCalls += joined.length;
    if (followed.joined.length < MAX_EVENTS) followed.joined.push(...joined);
    this.#onSpan(buildRpcSpan(context, rpc, findingsOfRpc(followed.findings, rpc), endMs));
  }
}

function mayAnswer({ open }: Followed, envelope: Envelope): boolean {
  return envelope.type === "res" && open.has(envelope.id);
}

function follow(): Followed {
  return {
    context: null,
    connectId: null,
    findings: [],
    open: new Map(),
    held: [],
    joinedCalls: 0,
    joined: [],
  };
}
