import { LiveTrace } from "./live-trace.ts";
import { CATALOGUE, isFinding } from "../findings/catalogue.ts";
import { diagnose } from "../findings/diagnose.ts";
import { holdsScope } from "../gateway/scopes.ts";
import { renderReplayVerdict } from "../replay/verdict/render-verdict.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { renderShow } from "../views/show.ts";
import { PLAIN_STYLE } from "../views/style.ts";
import { rulesFor } from "../gateway/rules.ts";
import type { TestGateway } from "./gateway.ts";

/** What a matcher tells Vitest. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Holds when a connection of what happened holds the scope in effect, by itself or by one that implies it. */
export function toBeGranted(received: unknown, scope: string): Matched {
  const subject = subjectOf(received, "toBeGranted");
  const holders = connectionsOf(subject).filter((connection) => holds(connection, scope));
  return {
    pass: holders.length > 0,
    message: () =>
      holders.length > 0
        ? `${scope} is held by connection ${holders.map(({ id }) => id).join(", ")}.${report(subject)}`
        : `No connection holds ${scope}.${report(subject)}`,
  };
}

/**
 * Holds when the method was called and every call of it went well, to its end where it has two answers. Of a method that was never
 * called, or whose answer a gap may hide, neither that nor its contrary holds, so `isNegated` has to be known.
 */
export function toSucceed(received: unknown, method: string, isNegated: boolean): Matched {
  const subject = subjectOf(received, "toSucceed");
  const calls = connectionsOf(subject)
    .flatMap(({ rpcs }) => rpcs)
    .filter((rpc) => rpc.method === method);
  if (calls.length === 0) {
    return { pass: isNegated, message: () => `${method} was never called.${report(subject)}` };
  }
  const failed = calls.filter(
    ({ ok, final, answerLost }) => (ok !== true && !answerLost) || final?.ok === false,
  );
  if (failed.length === 0 && calls.some(({ answerLost }) => answerLost)) {
    return {
      pass: isNegated,
      message: () =>
        `whether ${method} succeeded was not recorded: its answer may be in a gap.${report(subject)}`,
    };
  }
  return {
    pass: failed.length === 0,
    message: () =>
      failed.length === 0
        ? `${method} succeeded.${report(subject)}`
        : `${failed.length} of ${calls.length} calls of ${method} did not succeed.${report(subject)}`,
  };
}

/** Holds when what happened leads to that finding, or to one of that family: `missing-scope` stands for `missing-scope-dropped` too. */
export function toHaveFinding(received: unknown, code: string): Matched {
  if (!Object.keys(CATALOGUE).some((known) => isFinding(known, code))) {
    throw new TypeError(
      `"${code}" is no finding, nor the beginning of one: gw-trace findings lists them`,
    );
  }
  const subject = subjectOf(received, "toHaveFinding");
  const found = diagnose(subject.traces).some((finding) => isFinding(finding.code, code));
  return {
    pass: found,
    message: () => `There is ${found ? "a" : "no"} finding ${code}.${report(subject)}`,
  };
}

/** Holds when all that was asked is recorded, and all that is recorded was asked. */
export function toReplayCleanly(received: unknown): Matched {
  const verdict = verdictOf(received, "toReplayCleanly");
  return matchVerdict(verdict, verdict.clean, "clean");
}

/** Holds when something that failed in the recording does not fail now, nothing else went wrong, and every answer is known. */
export function toBeFixed(received: unknown): Matched {
  const verdict = verdictOf(received, "toBeFixed");
  return matchVerdict(verdict, verdict.outcome === "fixed", "a fix");
}

function verdictOf(received: unknown, matcher: string): Verdict {
  const { verdict } = subjectOf(received, matcher);
  if (verdict !== null) return verdict;
  throw new TypeError(`${matcher} is about a gateway of replayGateway, not about a trace`);
}

function matchVerdict(verdict: Verdict, pass: boolean, what: string): Matched {
  const text = renderReplayVerdict(verdict, PLAIN_STYLE);
  return { pass, message: () => `The replay is ${pass ? "" : "not "}${what}.\n\n${text}` };
}

function connectionsOf({ traces }: Subject): readonly Connection[] {
  return traces.flatMap(({ connections }) => connections);
}

function holds({ outcome, scopes }: Connection, scope: string): boolean {
  const { effective, implies } = scopes;
  return outcome === "accepted" && holdsScope(effective, scope, implies) === true;
}

function report({ traces, verdict }: Subject): string {
  const shown = renderShow(traces, diagnose(traces), PLAIN_STYLE);
  const isReplay = verdict !== null && verdict.recordings.length > 0;
  return `\n\n${shown}${isReplay ? `\n${renderReplayVerdict(verdict, PLAIN_STYLE)}` : ""}`;
}

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
  const { recording, ...empty } = new LiveTrace(`connection ${connection.id}`, {
    source: "tap",
    startedAt: "",
    upstream: null,
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
  }).trace();
  return {
    ...empty,
    connections: [connection],
    rules: [rulesFor(connection.handshake.hello?.serverVersion ?? null)],
    recording: { ...recording, complete: false, entryCount: connection.messageCount },
  };
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return value instanceof Promise ? "a promise: await it first" : typeof value;
}
