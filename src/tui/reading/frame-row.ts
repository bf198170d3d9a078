import type { EntryFacts } from "../../filter/subject.ts";
import { textIn, type ParsedFrame, type ResponseFrame } from "../../gateway/frame.ts";
import { parseScopeRefusal } from "../../gateway/scopes.ts";
import type { Entry, MessageEntry } from "../../recording/entry.ts";
import { describeEntry } from "../../views/frame-line.ts";
import type { Side } from "../../wire/message.ts";

/** What kind of line an entry makes in the frames list; `lost` where a damaged file holds no entry of that number. */
export type RowType =
  | "lost"
  | "open"
  | "http"
  | "req"
  | "res"
  | "evt"
  | "text"
  | "bin"
  | "ping"
  | "pong"
  | "clos"
  | "???"
  | "end"
  | "gap";

/** What many lines of the frames list have in common. */
export interface RowLook {
  readonly type: RowType;
  /** Null for what no side sends. */
  readonly from: Side | null;
  /** Method or event; of a response, the method that it answers; of all else what happened. */
  readonly what: string;
  readonly result: string;
  readonly problem: boolean;
  /** What a filter can ask of the entry; not its id, text and size, which differ from entry to entry. */
  readonly facts: EntryFacts;
}

/** One line of the frames list: all that can be said about an entry without its body. */
export interface FrameRow extends RowLook {
  readonly entry: number;
  readonly atMs: number;
  readonly connection: number;
  readonly sizeBytes: number | null;
  /** Of a response, the time since its request. */
  readonly latencyMs: number | null;
  /** The request of a response, or the response of a request, where it was seen. */
  readonly pair: number | null;
}

const MAX_TEXT = 200;
const MAX_SCOPES = 100;

/** How an entry looks as a line; its texts are cut, so that no line is megabytes. `parsed` is the frame of a text message. */
export function lookOf(entry: Entry, parsed: ParsedFrame | undefined, facts: EntryFacts): RowLook {
  const [type, result, problem] = judge(entry, parsed);
  const isOurs = entry.kind === "closed" && entry.by === "tap";
  return {
    type,
    from: isOurs || entry.kind === "opened" || entry.kind === "gap" ? null : facts.from,
    // Of bodies no two are alike: they would be as many looks.
    what:
      entry.kind === "http-body" && entry.content !== null
        ? "body"
        : cut(describeEntry(entry, facts)),
    result: cut(result),
    problem,
    facts: {
      ...facts,
      id: null,
      sizeBytes: 0,
      text: () => "",
      method: facts.method === null ? null : cut(facts.method),
      event: facts.event === null ? null : cut(facts.event),
      code: facts.code.map(cut),
      scope: facts.scope.slice(0, MAX_SCOPES).map(cut),
    },
  };
}

function cut(text: string): string {
  return text.slice(0, MAX_TEXT);
}

type Judged = readonly [type: RowType, result: string, problem: boolean];

function judge(entry: Entry, parsed: ParsedFrame | undefined): Judged {
  switch (entry.kind) {
    case "opened":
      return ["open", "", false];
    case "http-request":
    case "http-body":
      return ["http", "", false];
    case "http-response":
      return ["http", String(entry.status), entry.status >= 400];
    case "undecodable":
      return ["???", entry.reason, true];
    case "closed":
      return ["end", entry.error ?? "", entry.how === "reset" || entry.how === "unreachable"];
    case "gap":
      return ["gap", `${entry.missingEntries} lost`, true];
    case "message":
      return judgeMessage(entry, parsed);
  }
}

function judgeMessage({ message }: MessageEntry, parsed: ParsedFrame | undefined): Judged {
  switch (message.type) {
    case "binary":
      return ["bin", "not text", true];
    case "ping":
    case "pong":
      return [message.type, "", false];
    case "close": {
      const { code } = message;
      return ["clos", code === null ? "" : String(code), ![null, 1000, 1001].includes(code)];
    }
    case "text":
      if (parsed?.ok !== true) return ["text", parsed?.reason ?? "", true];
      if (parsed.frame.type === "res") return ["res", nameResult(parsed.frame), !parsed.frame.ok];
      return [parsed.frame.type === "req" ? "req" : "evt", "", false];
  }
}

function nameResult({ ok, error, payload }: ResponseFrame): string {
  if (ok) return textIn(payload, "type") === "hello-ok" ? "hello-ok" : "ok";
  const refusal = error === null ? null : parseScopeRefusal(error);
  if (refusal !== null) return `SCOPE ${refusal.missing.replace(/^operator\./, "")}`;
  return error?.code || "error";
}
