import { parseConnect, parseHello, parseRefusal } from "../gateway/connect.ts";
import type { EventFrame, Frame, RequestFrame, ResponseFrame } from "../gateway/frame.ts";
import type { MessageEntry } from "../recording/entry.ts";
import type { Handshake, ProofFacts } from "./model.ts";
import { isJsonObject, ownField } from "../gateway/json-object.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Numbered<T> = T & { readonly entry: number };

const CHALLENGE = "connect.challenge";

/** Finds the handshake among the frames of a connection: the challenge, the first `connect`, and the answer to it. */
export class HandshakeBuilder {
  readonly found: Mutable<Handshake> = {
    challengeEntry: null,
    connectEntry: null,
    connectMs: null,
    answerEntry: null,
    answerMs: null,
    connect: null,
    proof: null,
    hello: null,
    refusal: null,
  };
  #connectId: string | null = null;
  #challenge: unknown = null;

  /** True for a frame of the handshake, of which more is to be known than was noted. */
  isReadWhole(noted: Frame): boolean {
    if (noted.type === "event") return noted.event === CHALLENGE;
    return noted.type === "res" && noted.id === this.#connectId;
  }

  /** Takes in a request. True when it is the `connect`. */
  addRequest(entry: Numbered<MessageEntry>, frame: RequestFrame): boolean {
    if (frame.method !== "connect" || this.found.connectEntry !== null) return false;
    this.found.connectEntry = entry.entry;
    this.found.connectMs = entry.atMs;
    this.found.connect = parseConnect(frame.params);
    this.found.proof = compareProof(frame.params, this.#challenge);
    this.#connectId = frame.id;
    return true;
  }

  /** Takes in an answer. True when it is the one to `connect`. */
  addResponse(entry: Numbered<MessageEntry>, frame: ResponseFrame): boolean {
    if (frame.id !== this.#connectId || this.found.answerEntry !== null) return false;
    this.found.answerEntry = entry.entry;
    this.found.answerMs = entry.atMs;
    if (frame.ok) this.found.hello = parseHello(frame.payload);
    else if (frame.error !== null) this.found.refusal = parseRefusal(frame.error);
    return true;
  }

  /** Takes in an event. */
  addEvent(entry: Numbered<MessageEntry>, frame: EventFrame): void {
    if (frame.event !== CHALLENGE || this.found.challengeEntry !== null) return;
    this.found.challengeEntry = entry.entry;
    this.#challenge = frame.payload;
  }
}

/** Holds a device's proof in the params of `connect` against the payload of the challenge; null where one of the two is missing. */
export function compareProof(params: unknown, challenge: unknown): ProofFacts | null {
  const device = isJsonObject(params) ? ownField(params, "device") : null;
  if (!isJsonObject(device) || !isJsonObject(challenge)) return null;
  const [signedAt, ts] = [ownField(device, "signedAt"), ownField(challenge, "ts")];
  const areTimes = typeof signedAt === "number" && typeof ts === "number";
  return {
    aheadMs: areTimes ? signedAt - ts : null,
    isForChallenge: ownField(device, "nonce") === ownField(challenge, "nonce"),
  };
}
