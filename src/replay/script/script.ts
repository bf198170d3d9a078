import type { Rules } from "../../gateway/rules.ts";
import type { Connection, Rpc } from "../../trace/model.ts";
import type { Headers, Message } from "../../wire/message.ts";
import { nameGap } from "../../findings/wording.ts";

/** A recording as something that can be played: what each client asked, and when the Gateway said what. */
export interface Script {
  /** The recording's name. */
  readonly recording: string;
  /** The peer that the recorded Gateway saw; null when it saw several, or the recording does not say. */
  readonly recordedPeer: string | null;
  /** The rules of the recorded Gateway, with what the recording shows of them. */
  readonly rules: readonly Rules[];
  readonly connections: readonly ScriptedConnection[];
  readonly exchanges: readonly HttpExchange[];
}

/** One recorded connection, as the Gateway played it. */
export interface ScriptedConnection {
  readonly recording: string;
  readonly id: number;
  /** What the recording says about it. */
  readonly traced: Connection;
  readonly upgrade: { readonly target: string; readonly headers: Headers } | null;
  /** `dropped`: the TCP connection ended without an answer to the upgrade. */
  readonly opening: "accepted" | "refused" | "dropped";
  /** The HTTP answer in place of a WebSocket, when refused. */
  readonly refusal: HttpHead | null;
  /** The payload of the recorded `connect.challenge`; null when none was sent. */
  readonly challenge: Readonly<Record<string, unknown>> | null;
  /** All that the client said, `connect` first, in recorded order. */
  readonly requests: readonly ScriptedRequest[];
  /** All that the Gateway did after the challenge, in recorded order. */
  readonly actions: readonly ScriptedAction[];
  /** What answered the recorded `connect`; null when nothing did. */
  readonly connectAnswer: ScriptedFrame | null;
}

/** Something that the recorded client said and that may be said again. */
export interface ScriptedRequest {
  readonly entry: number;
  /** Null when it was no request frame. */
  readonly method: string | null;
  readonly params: unknown;
  readonly text: string;
  readonly redacted: boolean;
  /** What the Gateway answered first; null when it never did, or nobody saw it. */
  readonly answer: { readonly entry: number; readonly ok: boolean } | null;
  /** Why the recording does not show how it was answered in the end; null when it shows that. */
  readonly unseen: string | null;
}

/** Something that the Gateway did, and what has to come before it when it is done again. Numbers are entries. */
export interface ScriptedAction {
  readonly entry: number;
  readonly wallMs: number;
  /** How long after what it follows it came; 0 when it follows nothing. */
  readonly afterMs: number;
  readonly act: Act;
  /** How far `seq` went on since the event before; 1 unless the Gateway skipped some. Null without `seq`. */
  readonly seqStep: number | null;
  /** The request that this is a response to. */
  readonly answers: number | null;
  /** The request or response on the same connection that it came after; null when it came before the first. */
  readonly follows: number | null;
  /** The latest request on the same connection that names the same call, as an event names its run. */
  readonly because: number | null;
  /** What happened on another connection just before and names the same thing: a request's answer, or the request. */
  readonly awaits: { readonly connection: number; readonly entry: number } | null;
}

/** What the Gateway does: a frame, another message, a ping or close, or the end of the TCP connection without a close frame. */
export type Act =
  | { readonly type: "frame"; readonly frame: Readonly<Record<string, unknown>> }
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "drop" };

/** A frame that the Gateway said. */
export interface ScriptedFrame extends ScriptedAction {
  readonly act: Extract<Act, { readonly type: "frame" }>;
}

/** The head of an HTTP answer. */
export interface HttpHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

/** A plain HTTP call on the Gateway's port. */
export interface HttpExchange {
  readonly method: string;
  readonly target: string;
  readonly response: HttpHead;
  /** The text of the answer's body; null when it was not recorded, or is no text. */
  readonly body: string | null;
}

/** True for what a Gateway ends a connection with. */
export function isEnding({ act }: ScriptedAction): boolean {
  return act.type === "drop" || (act.type === "message" && act.message.type === "close");
}

/** What nobody recorded of a connection while it was open, in words; null when nothing is missing. */
export function describeGaps({ gaps }: Connection): string | null {
  const [first, ...more] = gaps;
  if (first === undefined) return null;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return `what was said ${nameGap(first)}${others} was not recorded`;
}

/** Why the recording does not show how a call was answered in the end; null when it does, or shows that it was not. */
export function whyCallIsUnseen(traced: Connection, rpc: Rpc): string | null {
  const { ok, awaitsFinal, requestEntry, responseEntry } = rpc;
  if (ok !== null && !awaitsFinal) return null;
  return whyUnseenAfter(traced, responseEntry ?? requestEntry);
}

/** Why the recording does not show how `connect` was answered; null when it does, or shows that it was not. */
export function whyConnectIsUnseen(traced: Connection): string | null {
  const { connectEntry, answerEntry } = traced.handshake;
  if (connectEntry === null || answerEntry !== null) return null;
  return whyUnseenAfter(traced, connectEntry);
}

function whyUnseenAfter({ gaps, close }: Connection, entry: number): string | null {
  const gap = gaps.findLast(
    (one) => one.side !== "client" && (one.untilMs === null || one.entry > entry),
  );
  if (gap !== undefined) return `its answer may be in what was not recorded, ${nameGap(gap)}`;
  if (close === null) return "the recording ends before its answer";
  return close.by === "tap" ? "gw-trace was stopped before its answer" : null;
}
