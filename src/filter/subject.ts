import type { Finding } from "../findings/finding.ts";
import type { Frame, FrameError } from "../gateway/frame.ts";
import { parseScopeRefusal } from "../gateway/scopes.ts";
import type { Entry, MessageEntry } from "../recording/entry.ts";
import { readOutlinedFrame } from "../recording/outlines.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import type { FieldName, Subject, SubjectType } from "./fields.ts";
import { asksOf, type Filter } from "./filter.ts";
import type { Vocabulary } from "./values.ts";

type Facts = Pick<Subject, "type" | "from"> & Partial<Subject>;

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
  /** The calls by the entries of their answers. */
  private readonly rpcs = new Map<number, Rpc>();
  private readonly findings = new Map<number, string[]>();
  /** The entries that answer a connect. */
  private readonly answers: ReadonlySet<number | null>;

  /**
   * `findings` may be of other recordings too; only those of this trace count. Without a trace, fields are null that `asksOneEntry`
   * does not allow.
   */
  constructor(trace: Trace | null, findings: readonly Finding[]) {
    const connections = trace?.connections ?? [];
    this.connections = new Map(connections.map((connection) => [connection.id, connection]));
    this.answers = new Set(connections.map(({ handshake }) => handshake.answerEntry));
    for (const rpc of connections.flatMap(({ rpcs }) => rpcs)) {
      for (const entry of [rpc.responseEntry, rpc.final?.responseEntry]) {
        if (entry !== null && entry !== undefined) this.rpcs.set(entry, rpc);
      }
    }
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
  read(entry: Entry): Subject {
    const connect = this.connections.get(entry.connection)?.handshake.connect ?? null;
    return {
      conn: entry.connection,
      client: connect === null ? null : `${connect.client.id}/${connect.client.mode}`,
      role: connect?.role ?? null,
      finding: this.findings.get(entry.entry) ?? [],
      method: null,
      event: null,
      id: null,
      ok: null,
      code: [],
      scope: [],
      sizeBytes: 0,
      latencyMs: null,
      text: () => "",
      ...this.factsOf(entry),
    };
  }

  private factsOf(entry: Entry): Facts {
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
        return this.messageFacts(entry);
    }
  }

  private messageFacts(entry: MessageEntry & { readonly entry: number }): Facts {
    const { message, from, sizeBytes } = entry;
    if (message.type === "close") {
      return {
        type: "close",
        from,
        sizeBytes,
        code: presentOf(message.code),
        text: () => message.reason,
      };
    }
    if (message.type !== "text")
      return { type: message.type === "binary" ? "unreadable" : "control", from, sizeBytes };
    const parsed = readOutlinedFrame(message, entry.outline);
    const text = () => message.text;
    if (!parsed.ok) return { type: "unreadable", from, sizeBytes, text };
    return { from, sizeBytes, text, ...this.frameFacts(parsed.frame, entry.entry) };
  }

  private frameFacts(
    frame: Frame,
    entry: number,
  ): Omit<Facts, "from"> & { readonly type: SubjectType } {
    const rpc = this.rpcs.get(entry);
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
          method: rpc?.method ?? (this.answers.has(entry) ? "connect" : null),
          latencyMs:
            rpc?.responseEntry === entry ? rpc.durationMs : (rpc?.final?.durationMs ?? null),
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
}

/** The values that occur in a trace, so that a filter which names another one can say what is nearest. */
export function buildVocabulary(traces: readonly Trace[]): Vocabulary {
  const connections = traces.flatMap((trace) => trace.connections);
  const clients = connections.flatMap(({ handshake }) =>
    handshake.connect === null ? [] : [handshake.connect],
  );
  return {
    conn: new Set(connections.map(({ id }) => String(id))),
    method: methodsOf(connections, clients.length > 0),
    event: new Set(connections.flatMap(({ events }) => events.map(({ event }) => event))),
    client: new Set(clients.map(({ client }) => `${client.id}/${client.mode}`)),
    role: new Set(clients.map(({ role }) => role)),
  };
}

function methodsOf(connections: readonly Connection[], hasConnect: boolean): ReadonlySet<string> {
  const methods = new Set(hasConnect ? ["connect"] : []);
  for (const { rpcs, http } of connections) {
    for (const { method } of rpcs) methods.add(method);
    for (const { method } of http) methods.add(method);
  }
  return methods;
}

/** The codes of a refusal: the error's own, and that of its details. */
export function codesOf(error: FrameError): readonly string[] {
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
