/** What a filter can ask of one frame. Absent values are null: they match nothing but `!=`. */
export interface Subject {
  /** The connection's number. */
  readonly conn: number;
  readonly from: "client" | "gateway";
  readonly type: SubjectType;
  /** The method of a request, and of the request that a response answers. */
  readonly method: string | null;
  readonly event: string | null;
  readonly id: string | null;
  readonly ok: boolean | null;
  /** An error code, `details.code`, or a close code. */
  readonly code: readonly string[];
  /** Scopes that the frame asks for, grants, or names as missing. */
  readonly scope: readonly string[];
  /** `id/mode`. */
  readonly client: string | null;
  readonly role: string | null;
  readonly sizeBytes: number;
  /** From request to answer; null while unanswered and for everything that is no answer. */
  readonly latencyMs: number | null;
  /** Codes of the findings that name this entry as evidence. */
  readonly finding: readonly string[];
  /** The frame's text, for text search. Asked for only when a filter needs it. */
  readonly text: () => string;
}

/** What kind of thing a frame, or an entry that is none, is. */
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** Every `type` there is. */
export const SUBJECT_TYPES = [
  "req",
  "res",
  "event",
  "close",
  "control",
  "http",
  "unreadable",
  "connection",
] as const;

/** The fields of the filter language. */
export const FIELDS = [
  "conn",
  "method",
  "event",
  "type",
  "ok",
  "code",
  "scope",
  "client",
  "role",
  "from",
  "id",
  "size",
  "latency",
  "finding",
] as const;

/** The name of a field. */
export type FieldName = (typeof FIELDS)[number];

/** The operators; `in` takes a list. */
export type Operator = "==" | "!=" | "~" | "<" | ">" | "in";

/** Fields whose values are numbers, with what a unit multiplies them by. */
export const NUMBER_UNITS: Readonly<Partial<Record<FieldName, Readonly<Record<string, number>>>>> =
  {
    conn: { "": 1 },
    size: { "": 1, b: 1, kb: 1000, mb: 1_000_000, kib: 1024, mib: 1_048_576 },
    latency: { "": 1, ms: 1, us: 0.001, s: 1000 },
  };
