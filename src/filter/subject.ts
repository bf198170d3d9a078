import type { Finding } from "../findings/finding.ts";
import type { Frame, FrameError, ParsedFrame } from "../gateway/frame.ts";
import { parseScopeRefusal } from "../gateway/scopes.ts";
import type { Entry, MessageEntry } from "../recording/entry.ts";
import { readOutlinedFrame } from "../recording/outlines.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import type { FieldName, Subject } from "./fields.ts";
import { asksOf, type Filter } from "./filter.ts";

/** What an entry says of itself, and nothing that other entries, the trace or the findings know of it. */
export type EntryFacts = Omit<Subject, "client" | "role" | "finding">;

/** What differs from entry to entry, and what an answer owes to its request. */
type OwnFacts = Pick<EntryFacts, "method" | "id" | "sizeBytes" | "latencyMs" | "text">;

const NO_CODES: readonly string[] = [];

/** Fields that say what other entries, the trace or the findings know of an entry; all others it knows of itself. */
const OF_OTHERS: readonly (FieldName | "text")[] = [
  "method",
  "client",
  "role",
  "latency",
  "finding",
];

/** True for a filter that can be asked about an entry before the rest of the recording was read. */
export function asksOneEntry(filter: Filter): boolean {
  const asked = asksOf(filter);
  return !OF_OTHERS.some((field) => asked.has(field));
}

/** Turns entries of one recording into what a filter can ask of them, with what the trace and the findings know. */
export class SubjectReader {
  private readonly connections: ReadonlyMap<number, Connection>;
  /** The calls by the entries of their answers; made when the first answer is read. */
  private rpcs: Map<number, Rpc> | null = null;
  private readonly findings = new Map<number, string[]>();
  /** The entries that answer a connect: they belong to the handshake, which is no call and has no latency. */
  private readonly answers: ReadonlySet<number | null>;

  /**
   * `findings` may be of other recordings too; only those of this trace count. Without a trace, fields are null that `asksOneEntry`
   * does not allow.
   */
  constructor(trace: Trace | null, findings: readonly Finding[]) {
    const connections = trace?.connections ?? [];
    this.connections = new Map(connections.map((connection) => [connection.id, connection]));
    this.answers = new Set(connections.map(({ handshake }) => handshake.answerEntry));
    for (const { recording, code, evidence } of findings) {
      if (recording !== trace?.recording.name) continue;
      for (const entry of evidence) {
        const codes = this.findings.get(entry);
        if (codes === undefined) this.findings.set(entry, [code]);
        else codes.push(code);
      }
    }
  }

  /** What a filter can ask of this entry. */
  read(from: Entry): Subject {
    const { entry } = from;
    const facts = readFacts(from);
    if (facts.type !== "res") return this.complete(entry, facts);
    const rpc = (this.rpcs ??= this.callsByAnswer()).get(entry);
    const took = rpc?.responseEntry === entry ? rpc.durationMs : rpc?.final?.durationMs;
    const method = rpc?.method ?? (this.answers.has(entry) ? "connect" : null);
    const { id, text, sizeBytes } = facts;
    return this.complete(entry, facts, { id, text, sizeBytes, method, latencyMs: took ?? null });
  }

  /** The same, of facts that were read before; `own` is what no two entries have in common. */
  complete(entry: number, facts: EntryFacts, own: OwnFacts = facts): Subject {
    const { conn, from, type, event, ok, code, scope } = facts;
    const { method, id, sizeBytes, latencyMs, text } = own;
    const connect = this.connections.get(conn)?.handshake.connect ?? null;
    return {
      conn,
      from,
      type,
      method,
      event,
      id,
      ok,
      code,
      scope,
      client: connect === null ? null : `${connect.client.id}/${connect.client.mode}`,
      role: connect?.role ?? null,
      sizeBytes,
      latencyMs: this.answers.has(entry) ? null : latencyMs,
      finding: this.findings.get(entry) ?? NO_CODES,
      text,
    };
  }

  private callsByAnswer(): Map<number, Rpc> {
    const calls = new Map<number, Rpc>();
    for (const rpc of [...this.connections.values()].flatMap(({ rpcs }) => rpcs)) {
      for (const entry of [rpc.responseEntry, rpc.final?.responseEntry]) {
        if (entry !== null && entry !== undefined) calls.set(entry, rpc);
      }
    }
    return calls;
  }
}

/** What an entry says of itself. `parsed` is the frame of a text message, where someone read it already. */
export function readFacts(entry: Entry, parsed = readFrameOf(entry)): EntryFacts {
  return {
    conn: entry.connection,
    method: null,
    event: null,
    id: null,
    ok: null,
    code: [],
    scope: [],
    sizeBytes: 0,
    latencyMs: null,
    text: () => "",
    ...factsOf(entry, parsed),
  };
}

/** The frame of an entry that is a text message; undefined for any other. */
export function readFrameOf(entry: Entry): ParsedFrame | undefined {
  return entry.kind === "message" && entry.message.type === "text"
    ? readOutlinedFrame(entry.message, entry.outline)
    : undefined;
}

type Facts = Pick<Subject, "type" | "from"> & Partial<EntryFacts>;

function factsOf(entry: Entry, parsed: ParsedFrame | undefined): Facts {
  switch (entry.kind) {
    case "opened":
      return { type: "connection", from: "client" };
    case "closed":
      return {
        type: "connection",
        from: entry.by === "gateway" ? "gateway" : "client",
        code: presentOf(entry.error),
      };
    case "http-request":
      return {
        type: "http",
        from: "client",
        method: entry.method,
        text: () => `${entry.method} ${entry.target}`,
      };
    case "http-response":
      return {
        type: "http",
        from: "gateway",
        ok: entry.status < 400,
        code: [String(entry.status)],
        text: () => entry.reason,
      };
    case "http-body":
      return {
        type: "http",
        from: entry.from,
        sizeBytes: entry.sizeBytes,
        text: () => (entry.content?.type === "text" ? entry.content.text : ""),
      };
    case "undecodable":
      return {
        type: "unreadable",
        from: entry.from,
        sizeBytes: entry.sizeBytes,
        text: () => entry.reason,
      };
    case "gap":
      return {
        type: "unreadable",
        from: "gateway",
        sizeBytes: entry.missingBytes,
        text: () => entry.reason,
      };
    case "message":
      return messageFacts(entry, parsed);
  }
}

function messageFacts(
  { message, from, sizeBytes }: MessageEntry,
  parsed: ParsedFrame | undefined,
): Facts {
  switch (message.type) {
    case "close":
      return {
        type: "close",
        from,
        sizeBytes,
        code: presentOf(message.code),
        text: () => message.reason,
      };
    case "binary":
      return { type: "unreadable", from, sizeBytes };
    case "ping":
    case "pong":
      return { type: "control", from, sizeBytes };
    case "text": {
      const text = () => message.text;
      return parsed?.ok === true
        ? { from, sizeBytes, text, ...frameFacts(parsed.frame) }
        : { from, sizeBytes, text, type: "unreadable" };
    }
  }
}

function frameFacts(frame: Frame): Partial<EntryFacts> & Pick<Subject, "type"> {
  switch (frame.type) {
    case "req":
      return {
        type: "req",
        id: frame.id,
        method: frame.method,
        scope: scopesOf(frame.params, "scopes"),
      };
    case "res":
      return {
        type: "res",
        id: frame.id,
        ok: frame.ok,
        code: frame.error === null ? [] : codesOf(frame.error),
        scope:
          frame.error === null
            ? scopesOf(frame.payload, "auth", "scopes")
            : scopesOfError(frame.error),
      };
    case "event":
      return { type: "event", event: frame.event };
  }
}

/** The codes of a refusal: the error's own, and that of its details. */
function codesOf(error: FrameError): readonly string[] {
  const { details } = error;
  const hasCode =
    typeof details === "object" &&
    details !== null &&
    "code" in details &&
    typeof details.code === "string";
  return hasCode ? [error.code, String(details.code)] : [error.code];
}

function scopesOfError(error: FrameError): readonly string[] {
  const refusal = parseScopeRefusal(error);
  return refusal === null
    ? scopesOf(error.details, "requestedScopes")
    : [...new Set([refusal.missing, ...refusal.required])];
}

function scopesOf(value: unknown, ...path: readonly string[]): readonly string[] {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null) return [];
    inner = Reflect.get(inner, key);
  }
  return Array.isArray(inner) ? inner.filter((scope) => typeof scope === "string") : [];
}

function presentOf(value: string | number | null): readonly string[] {
  return value === null ? [] : [String(value)];
}
