import {
  isJsonObject,
  parseJsonObject,
  type JsonObject,
  isJsonContainer,
} from "../../gateway/json-object.ts";
import type { ClosedEntry, Entry, MessageEntry } from "../../recording/entry.ts";
import type { Connection } from "../../trace/model.ts";
import {
  type Act,
  type HttpHead,
  type ScriptedAction,
  type ScriptedConnection,
  type ScriptedFrame,
  type ScriptedRequest,
  whyCallIsUnseen,
  whyConnectIsUnseen,
} from "./script.ts";
import { ECHOED_FIELDS, LASTING_FIELDS, UUID } from "../../gateway/volatile.ts";

type Numbered<T> = T & { readonly entry: number };

/** A request in the trace, `connect` among them, and what is known of its answer. */
interface Call extends Pick<ScriptedRequest, "answer" | "unseen"> {
  readonly method: string;
  readonly requestEntry: number;
}

/** Makes one traced connection playable. */
export class ConnectionScriptBuilder {
  readonly #traced: Connection;
  /** By the entry of the request, and by those of its answers. */
  readonly #calls: ReadonlyMap<number, Call>;
  #upgrade: ScriptedConnection["upgrade"] = null;
  #head: HttpHead | null = null;
  #challenge: JsonObject | null = null;
  #connectAnswer: ScriptedFrame | null = null;
  #over = false;
  #clientClose: { readonly code: number | null; readonly reason: string } | null = null;
  #dropped = false;
  /** The latest request or first response: what an event came after. */
  #anchor: number | null = null;
  readonly #timesMs = new Map<number, number>();
  #lastSeq = 0;
  readonly #requests = new Map<number, ScriptedRequest>();
  readonly #actions: ScriptedAction[] = [];
  readonly #byValue = new Map<string, number>();

  constructor(traced: Connection) {
    this.#traced = traced;
    this.#calls = callsIn(traced);
  }

  /** Takes in the next of its entries. */
  add(entry: Entry): void {
    if (this.#over && !this.#isOwnClose(entry)) return;
    const { upgrade } = this.#traced;
    if (entry.kind === "http-request" && entry.entry === upgrade?.requestEntry) {
      this.#upgrade = { target: entry.target, headers: entry.headers };
    } else if (entry.kind === "http-response" && entry.entry === upgrade?.responseEntry) {
      this.#head = { status: entry.status, reason: entry.reason, headers: entry.headers };
    } else if (entry.kind === "message") {
      if (entry.from === "client") this.#addClientMessage(entry);
      else this.#addGatewayMessage(entry);
    } else if (entry.kind === "closed") {
      this.#addEnd(entry);
    }
  }

  /** Null when nothing of it can be played, as when the recording ends before an answer. */
  build(recording: string): ScriptedConnection | null {
    const opening = this.#opening();
    if (opening === null || (this.#upgrade === null && this.#requests.size === 0)) return null;
    return {
      recording,
      id: this.#traced.id,
      traced: this.#traced,
      upgrade: this.#upgrade,
      opening,
      refusal: opening === "refused" ? this.#head : null,
      challenge: this.#challenge,
      requests: [...this.#requests.values()],
      actions: this.#actions,
      connectAnswer: this.#connectAnswer,
    };
  }

  #opening(): ScriptedConnection["opening"] | null {
    if (this.#head !== null) return this.#head.status === 101 ? "accepted" : "refused";
    if (this.#requests.size > 0 || this.#challenge !== null) return "accepted";
    return this.#dropped ? "dropped" : null;
  }

  #addClientMessage(entry: Numbered<MessageEntry>): void {
    const { message } = entry;
    if (message.type === "ping" || message.type === "pong") return;
    if (message.type === "close") {
      // What the Gateway says after this cannot reach a client again.
      this.#over = true;
      this.#clientClose = message;
      return;
    }
    const text = message.type === "text" ? message.text : Buffer.from(message.bytes).toString();
    const call = this.#calls.get(entry.entry);
    const request = {
      entry: entry.entry,
      method: call?.method ?? null,
      params: call === undefined ? undefined : parseJsonObject(text)?.["params"],
      text,
      redacted: entry.redacted,
      // Until it comes: what comes after the client's close cannot reach a client again.
      answer: null,
      unseen: call?.unseen ?? null,
    };
    this.#requests.set(entry.entry, request);
    this.#setAnchor(entry);
    if (request.method === "connect") return;
    for (const value of collectTyingValues(request.params).single) {
      this.#byValue.set(value, entry.entry);
    }
  }

  /**
   * After refusing a connect the Gateway closes by itself, and so does the client: the two closes cross, and whose came first in the
   * recording is chance. A client reports the Gateway's, so it has to come; an echo of its own close has the same words.
   */
  #isOwnClose(entry: Entry): boolean {
    if (this.#clientClose === null || this.#traced.handshake.refusal === null) return false;
    if (entry.kind !== "message" || entry.from !== "gateway" || entry.message.type !== "close") {
      return false;
    }
    const { code, reason } = entry.message;
    return code !== this.#clientClose.code || reason !== this.#clientClose.reason;
  }

  #addGatewayMessage(entry: Numbered<MessageEntry>): void {
    const { message } = entry;
    if (message.type === "pong") return;
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    if (frame === null || !["res", "event"].includes(String(frame["type"]))) {
      this.#addAction(entry, { type: "message", message });
      this.#over = message.type === "close";
      return;
    }
    if (entry.entry === this.#traced.handshake.challengeEntry && this.#anchor === null) {
      this.#challenge = isJsonObject(frame["payload"]) ? frame["payload"] : {};
      return;
    }
    const call = this.#calls.get(entry.entry);
    if (call === undefined) this.#addEvent(entry, frame);
    else this.#addResponse(entry, frame, call);
  }

  #addEvent(entry: Entry, frame: JsonObject): void {
    let because: number | null = null;
    for (const value of collectTyingValues(frame["payload"]).single) {
      because = Math.max(because ?? 0, this.#byValue.get(value) ?? 0) || null;
    }
    this.#addAction(entry, { type: "frame", frame }, { because });
  }

  #addResponse(entry: Entry, frame: JsonObject, { requestEntry: answers, answer }: Call): void {
    const act = { type: "frame", frame } as const;
    if (answer?.entry !== entry.entry) {
      // `agent` is answered twice under one id: accepted at once, and again when the run is over.
      this.#addAction(entry, act, { answers, because: answers });
      return;
    }
    const action = this.#addAction(entry, act, { answers, follows: answers });
    const request = this.#requests.get(answers);
    if (request !== undefined) this.#requests.set(answers, { ...request, answer });
    if (entry.entry === this.#traced.handshake.answerEntry) this.#connectAnswer = action;
    this.#setAnchor(entry);
  }

  #addEnd(entry: Numbered<ClosedEntry>): void {
    this.#over = true;
    this.#dropped = entry.by === "gateway" || entry.how === "unreachable";
    if (this.#dropped && this.#head?.status === 101) this.#addAction(entry, { type: "drop" });
  }

  #setAnchor({ entry, atMs }: Entry): void {
    this.#anchor = entry;
    this.#timesMs.set(entry, atMs);
  }

  #addAction<A extends Act>(
    entry: Entry,
    act: A,
    causes: Partial<ScriptedAction> = {},
  ): ScriptedAction & { readonly act: A } {
    const seq = act.type === "frame" ? act.frame["seq"] : undefined;
    const seqStep = typeof seq === "number" ? seq - this.#lastSeq : null;
    if (typeof seq === "number") this.#lastSeq = seq;
    const follows = causes.follows ?? this.#anchor;
    const sinceMs = follows === null ? undefined : this.#timesMs.get(follows);
    const action = {
      entry: entry.entry,
      wallMs: entry.wallMs,
      afterMs: entry.atMs - (sinceMs ?? entry.atMs),
      seqStep,
      answers: null,
      because: null,
      awaits: null,
      ...causes,
      follows,
      act,
    };
    this.#actions.push(action);
    return action;
  }
}

function callsIn(traced: Connection): ReadonlyMap<number, Call> {
  const { handshake, rpcs } = traced;
  const calls = new Map<number, Call>();
  const add = (call: Call, ...entries: readonly (number | null | undefined)[]): void => {
    for (const entry of entries) if (typeof entry === "number") calls.set(entry, call);
  };
  const { connectEntry, answerEntry, hello } = handshake;
  if (connectEntry !== null) {
    const answer = answerEntry === null ? null : { entry: answerEntry, ok: hello !== null };
    const unseen = whyConnectIsUnseen(traced);
    const call = { method: "connect", requestEntry: connectEntry, answer, unseen };
    add(call, connectEntry, answerEntry);
  }
  for (const rpc of rpcs) {
    const { method, requestEntry, responseEntry, ok, final } = rpc;
    const answer = responseEntry === null ? null : { entry: responseEntry, ok: ok === true };
    const call = { method, requestEntry, answer, unseen: whyCallIsUnseen(traced, rpc) };
    add(call, requestEntry, responseEntry, final?.responseEntry);
  }
  return calls;
}

const MAX_DEPTH = 64;

/** The values in a message that tie it to a call: echoed fields and UUIDs. `lasting` ones are shared by many calls. */
export interface TyingValues {
  readonly single: ReadonlySet<string>;
  readonly lasting: ReadonlySet<string>;
}

/** Collects the values by which one message can be tied to another. */
export function collectTyingValues(value: unknown): TyingValues {
  const single = new Set<string>();
  const lasting = new Set<string>();
  const visit = (node: unknown, field: string | null, depth: number): void => {
    if (typeof node === "string") {
      if (field !== null && LASTING_FIELDS.has(field)) lasting.add(node);
      else if (field !== null && ECHOED_FIELDS.has(field)) single.add(node);
      for (const uuid of node.match(UUID) ?? []) single.add(uuid);
    } else if (isJsonContainer(node) && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(node)) {
        visit(inner, Array.isArray(node) ? field : key, depth + 1);
      }
    }
  };
  visit(value, null, 0);
  return { single, lasting };
}
