import { isLoopbackAddress } from "../../gateway/address.ts";
import { parseConnect, parseHello, type Hello } from "../../gateway/connect.ts";
import type { Entry } from "../../recording/entry.ts";
import { headerValue } from "../../wire/message.ts";
import { collectTyingValues } from "./tying-values.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import type { Cue, CueAct, HttpHead, ScriptedConnection, ScriptedRequest } from "./script.ts";

type SpokenEntry = Extract<Entry, { kind: "message" }>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the entries of one connection; null when nothing of it can be played, as when the recording ends before an answer. */
export function buildScriptedConnection(
  recording: string,
  id: number,
  entries: readonly Entry[],
  assumedPeer: string | null = null,
): ScriptedConnection | null {
  const builder = new ConnectionScriptBuilder(assumedPeer);
  for (const entry of entries) builder.add(entry);
  return builder.build(recording, id);
}

class ConnectionScriptBuilder {
  #peer: string | null;
  #upgrade: ScriptedConnection["upgrade"] = null;
  #answer: HttpHead | null = null;
  #challenge: JsonObject | null = null;
  #hello: Hello | null = null;
  #over = false;
  #clientClose: { readonly code: number | null; readonly reason: string } | null = null;
  #dropped = false;
  /** The latest request or first response: what an event came after. */
  #anchor: number | null = null;
  readonly #timesMs = new Map<number, number>();
  #lastSeq = 0;
  readonly #requests: Draft<ScriptedRequest>[] = [];
  readonly #cues: Cue[] = [];
  readonly #byId = new Map<string, Draft<ScriptedRequest>>();
  readonly #byValue = new Map<string, number>();

  constructor(assumedPeer: string | null) {
    this.#peer = assumedPeer;
  }

  add(entry: Entry): void {
    if (this.#over && !this.#isOwnClose(entry)) return;
    switch (entry.kind) {
      case "opened":
        // A socket to a loopback address has a loopback source.
        this.#peer ??= entry.peerAddress ?? entry.gatewayAddress;
        break;
      case "http-request":
        if (headerValue(entry.headers, "upgrade") !== null) {
          this.#upgrade = { target: entry.target, headers: entry.headers };
        }
        break;
      case "http-response":
        if (this.#upgrade !== null) this.#answer = headOf(entry);
        break;
      case "message":
        if (entry.from === "client") this.#addClientMessage(entry);
        else this.#addGatewayMessage(entry);
        break;
      case "closed":
        this.#addEnd(entry);
        break;
      case "http-body":
      case "undecodable":
      case "gap":
        break;
    }
  }

  build(recording: string, id: number): ScriptedConnection | null {
    const opening = this.#opening();
    if (opening === null || (this.#upgrade === null && this.#requests.length === 0)) return null;
    const first = this.#requests[0];
    return {
      recording,
      id,
      peerIsLoopback: isLoopbackAddress(this.#peer),
      upgrade: this.#upgrade,
      opening,
      refusal: opening === "refused" ? this.#answer : null,
      challenge: this.#challenge,
      identity: first?.method === "connect" ? parseConnect(first.params) : null,
      protocol: this.#hello?.protocol ?? null,
      granted: this.#hello?.auth?.scopes ?? null,
      advertised: this.#hello?.methods ?? [],
      requests: this.#requests,
      cues: this.#cues,
    };
  }

  #opening(): ScriptedConnection["opening"] | null {
    if (this.#answer !== null) return this.#answer.status === 101 ? "accepted" : "refused";
    if (this.#requests.length > 0 || this.#challenge !== null) return "accepted";
    return this.#dropped ? "dropped" : null;
  }

  #addClientMessage(entry: SpokenEntry): void {
    const { message } = entry;
    if (message.type === "ping" || message.type === "pong") return;
    if (message.type === "close") {
      // What the Gateway says after this cannot reach a client again.
      this.#over = true;
      this.#clientClose = message;
      return;
    }
    // Gateways read binary messages as text too (2026.5.4 and 2026.9.6, measured).
    const text = message.type === "text" ? message.text : Buffer.from(message.bytes).toString();
    const frame = parseJsonObject(text);
    const isRequest =
      frame?.["type"] === "req" &&
      typeof frame["id"] === "string" &&
      typeof frame["method"] === "string";
    const request: Draft<ScriptedRequest> = {
      entry: entry.entry,
      id: isRequest ? String(frame["id"]) : null,
      method: isRequest ? String(frame["method"]) : null,
      params: isRequest ? frame["params"] : undefined,
      text,
      redacted: entry.redacted,
      answer: null,
    };
    this.#requests.push(request);
    this.#setAnchor(entry);
    if (request.id !== null) this.#byId.set(request.id, request);
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
    if (this.#clientClose === null || this.#requests[0]?.answer?.ok !== false) return false;
    if (entry.kind !== "message" || entry.from !== "gateway" || entry.message.type !== "close") {
      return false;
    }
    const { code, reason } = entry.message;
    return code !== this.#clientClose.code || reason !== this.#clientClose.reason;
  }

  #addGatewayMessage(entry: SpokenEntry): void {
    const { message } = entry;
    if (message.type === "pong") return;
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    if (frame === null || !["res", "event"].includes(String(frame["type"]))) {
      this.#addCue(entry, { type: "message", message });
      this.#over = message.type === "close";
      return;
    }
    if (frame["event"] === "connect.challenge" && this.#anchor === null) {
      this.#challenge = isJsonObject(frame["payload"]) ? frame["payload"] : {};
      return;
    }
    const answered = frame["type"] === "res" ? this.#byId.get(String(frame["id"])) : undefined;
    if (answered === undefined) this.#addEvent(entry, frame);
    else this.#addResponse(entry, frame, answered);
  }

  #addEvent(entry: Entry, frame: JsonObject): void {
    let because: number | null = null;
    for (const value of collectTyingValues(frame["payload"]).single) {
      because = Math.max(because ?? 0, this.#byValue.get(value) ?? 0) || null;
    }
    this.#addCue(entry, { type: "frame", frame }, { because });
  }

  #addResponse(entry: Entry, frame: JsonObject, request: Draft<ScriptedRequest>): void {
    const act: CueAct = { type: "frame", frame };
    if (request.answer !== null) {
      // `agent` is answered twice under one id: accepted at once, and again when the run is over.
      this.#addCue(entry, act, { answers: request.entry, because: request.entry });
      return;
    }
    if (request.method === "connect" && frame["ok"] === true) {
      this.#hello = parseHello(frame["payload"]);
    }
    const error = isJsonObject(frame["error"]) ? frame["error"] : null;
    request.answer = {
      entry: entry.entry,
      ok: frame["ok"] === true,
      errorCode: textOf(error?.["code"]),
      errorMessage: textOf(error?.["message"]),
    };
    this.#addCue(entry, act, { answers: request.entry, follows: request.entry });
    this.#setAnchor(entry);
  }

  #addEnd(entry: Extract<Entry, { kind: "closed" }>): void {
    this.#over = true;
    this.#dropped = entry.by === "gateway" || entry.how === "unreachable";
    if (this.#dropped && this.#answer?.status === 101) this.#addCue(entry, { type: "drop" });
  }

  #setAnchor({ entry, atMs }: Entry): void {
    this.#anchor = entry;
    this.#timesMs.set(entry, atMs);
  }

  #addCue(entry: Entry, act: CueAct, causes: Partial<Cue> = {}): void {
    const seq = act.type === "frame" ? act.frame["seq"] : undefined;
    const seqStep = typeof seq === "number" ? seq - this.#lastSeq : null;
    if (typeof seq === "number") this.#lastSeq = seq;
    const follows = causes.follows ?? this.#anchor;
    const sinceMs = follows === null ? undefined : this.#timesMs.get(follows);
    this.#cues.push({
      entry: entry.entry,
      wallMs: entry.wallMs,
      afterMs: entry.atMs - (sinceMs ?? entry.atMs),
      act,
      seqStep,
      answers: null,
      follows,
      because: null,
      awaits: null,
      ...causes,
    });
  }
}

function headOf(entry: HttpHead): HttpHead {
  return { status: entry.status, reason: entry.reason, headers: entry.headers };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
