import { rulesFor } from "../gateway/rules.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import type { Connection, Trace } from "../trace/model.ts";
import type { TestGateway } from "./gateway.ts";

/** What an expectation is about, read as traces. */
export interface Subject {
  readonly traces: readonly Trace[];
  /** Null where nothing is replayed. */
  readonly verdict: Verdict | null;
}

/**
 * Reads what was given to `expect`: a gateway of `replayGateway`, a trace, or one connection of a trace.
 * @throws {TypeError} for anything else
 */
export function subjectOf(received: unknown, matcher: string): Subject {
  if (isGateway(received)) return { traces: [received.trace()], verdict: received.verdict() };
  if (isTrace(received)) return { traces: [received], verdict: null };
  if (isConnection(received)) return { traces: [traceOfOne(received)], verdict: null };
  throw new TypeError(
    `${matcher} is about a gateway of replayGateway, a trace or a connection of one, not about ${describe(received)}`,
  );
}

function isGateway(value: unknown): value is TestGateway {
  return has(value, "trace") && typeof value.trace === "function" && has(value, "verdict");
}

function isTrace(value: unknown): value is Trace {
  return has(value, "connections") && has(value, "recording") && Array.isArray(value.connections);
}

function isConnection(value: unknown): value is Connection {
  return has(value, "scopes") && has(value, "rpcs") && has(value, "handshake");
}

function has<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && key in value;
}

function traceOfOne(connection: Connection): Trace {
  return {
    connections: [connection],
    gaps: [],
    rules: [rulesFor(connection.handshake.hello?.serverVersion ?? null)],
    recording: {
      name: `connection ${connection.id}`,
      header: {
        formatVersion: 0,
        toolVersion: "",
        source: "tap",
        startedAt: "",
        upstream: null,
        listen: null,
        redaction: "credentials",
        replayOf: [],
        assumedPeer: null,
        localityChange: null,
        part: null,
        scrubbed: null,
      },
      complete: false,
      missing: [],
      entryCount: connection.messageCount,
    },
  };
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return value instanceof Promise ? "a promise: await it first" : typeof value;
}
