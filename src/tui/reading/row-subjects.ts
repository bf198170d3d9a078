import type { Subject, SubjectType } from "../../filter/fields.ts";
import { SubjectReader } from "../../filter/subject.ts";
import type { Entry } from "../../recording/entry.ts";
import type { FrameRow, RowType } from "./frame-row.ts";
import type { RecordingState } from "../state.ts";

/** What can be told of every row of one connection. */
type Party = Pick<Subject, "client" | "role">;

const NOBODY: Party = { client: null, role: null };
const NO_CODES: readonly string[] = [];

/** Turns rows into what a filter can ask of them, without reading the file: all but `id`, `scope` and text, which only bodies know. */
export class RowSubjects {
  private readonly parties = new Map<number, Party>();
  private readonly findings = new Map<number, string[]>();
  /** The entries that answer a connect: they belong to the handshake, which is no call and has no latency. */
  private readonly answers: ReadonlySet<number | null>;
  private readonly bodies: SubjectReader;

  constructor({ trace, findings }: Pick<RecordingState, "trace" | "findings">) {
    this.answers = new Set(trace.connections.map(({ handshake }) => handshake.answerEntry));
    for (const { id, handshake } of trace.connections) {
      const { connect } = handshake;
      if (connect === null) continue;
      const client = `${connect.client.id}/${connect.client.mode}`;
      this.parties.set(id, { client, role: connect.role });
    }
    for (const { recording, code, evidence } of findings) {
      if (recording !== trace.recording.name) continue;
      for (const entry of evidence) {
        const codes = this.findings.get(entry);
        if (codes === undefined) this.findings.set(entry, [code]);
        else codes.push(code);
      }
    }
    this.bodies = new SubjectReader(null, []);
  }

  /** What a filter can ask of that row. */
  read(row: FrameRow): Subject {
    const { client, role } = this.parties.get(row.connection) ?? NOBODY;
    const type = SUBJECT_OF[row.type];
    return {
      conn: row.connection,
      from: row.from ?? (row.type === "gap" ? "gateway" : "client"),
      type,
      method: methodOf(row),
      event: type === "event" ? row.method : null,
      id: null,
      ok: row.ok,
      code: row.codes,
      scope: NO_CODES,
      client,
      role,
      sizeBytes: row.sizeBytes ?? 0,
      latencyMs: this.answers.has(row.entry) ? null : row.latencyMs,
      finding: this.findings.get(row.entry) ?? NO_CODES,
      text: noText,
    };
  }

  /** The same with what the entry's body says. */
  readBody(row: FrameRow, entry: Entry): Subject {
    const { id, scope, text } = this.bodies.read(entry);
    return { ...this.read(row), id, scope, text };
  }
}

const SUBJECT_OF: Readonly<Record<RowType, SubjectType>> = {
  lost: "unreadable",
  open: "connection",
  http: "http",
  req: "req",
  res: "res",
  evt: "event",
  text: "unreadable",
  bin: "unreadable",
  ping: "control",
  pong: "control",
  clos: "close",
  "???": "unreadable",
  end: "connection",
  gap: "unreadable",
};

function methodOf({ type, from, method }: FrameRow): string | null {
  if (type === "req") return method;
  if (type === "res") return method === "" ? null : method;
  // A request line has a target, a body has none.
  const isRequest = type === "http" && from === "client" && /^\S+ \//.test(method);
  return isRequest ? (method.split(" ")[0] ?? null) : null;
}

function noText(): string {
  return "";
}
