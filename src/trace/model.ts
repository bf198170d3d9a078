import type { ConnectRequest, Hello, Refusal } from "../gateway/connect.ts";
import type { FrameError, TraceParent } from "../gateway/frame.ts";
import type { Measured } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Rules } from "../gateway/rules.ts";
import type { RecordingHeader } from "../recording/entry.ts";
import type { Side } from "../wire/message.ts";

/** What a recording means: who connected, what was asked, what was answered. Pure data, in order of arrival. */
export interface Trace {
  readonly recording: TracedRecording;
  readonly connections: readonly Connection[];
  /** Where the whole recording is blind, in order. Each is among the gaps of the connections that were open then, too. */
  readonly gaps: readonly Gap[];
  /** The rules that were applied, one for each Gateway version that was seen; one for an unknown version where none was. */
  readonly rules: readonly Rules[];
}

/** A stretch that was not recorded. What may have happened in it is unknown. */
export interface Gap {
  /** The entry at which it shows: the one that tells of it, or the first after a beginning that is missing. */
  readonly entry: number;
  readonly fromMs: number;
  /** Null when it lasts as long as the connection. */
  readonly untilMs: number | null;
  /** Whose messages are missing; null when those of both are. */
  readonly side: Side | null;
  readonly reason: string;
  /** As far as they could be counted; of a gap in the whole recording, those of all connections. */
  readonly missingEntries: number;
  readonly missingBytes: number;
}

/** The recording that a trace was read from, and how much of it there is. */
export interface TracedRecording {
  /** The file's name without folder and ending, as shown to people. */
  readonly name: string;
  readonly header: RecordingHeader;
  /** True when the recording was closed whole. */
  readonly complete: boolean;
  /** What is known to be missing, in plain words; empty when nothing is. */
  readonly missing: readonly string[];
  readonly entryCount: number;
}

/** One TCP connection and what was said on it. */
export interface Connection {
  readonly id: number;
  readonly openedEntry: number;
  readonly openedMs: number;
  readonly clientAddress: string | null;
  /** The address that the Gateway sees as its peer. */
  readonly peerAddress: string | null;
  readonly gatewayAddress: string | null;
  /** True when the Gateway sees a loopback peer. Gateways judge clients by it. Null when no address is known. */
  readonly peerIsLoopback: boolean | null;
  /** Null when the client never asked for a WebSocket. */
  readonly upgrade: Upgrade | null;
  /** Plain HTTP calls on this connection: Control UI pages, `/tools/invoke`, health probes. */
  readonly http: readonly HttpCall[];
  readonly handshake: Handshake;
  /**
   * `accepted` after hello-ok; `refused` after an error answer, a refused upgrade, or when the Gateway closed before hello; else
   * `incomplete`, as where gw-trace itself ended it, or where a gap may hide the answer.
   */
  readonly outcome: "accepted" | "refused" | "incomplete";
  readonly scopes: ScopeSets;
  readonly rpcs: readonly Rpc[];
  readonly events: readonly EventCount[];
  readonly unreadable: readonly Unreadable[];
  /** Responses that answer no open request of this connection. */
  readonly strayResponses: readonly StrayResponse[];
  /** What is odd about the order, the numbering, the size or the silence of its messages. */
  readonly oddities: readonly Oddity[];
  /** Null while the connection is open. */
  readonly close: Close | null;
  /** What of it was not recorded, in order. */
  readonly gaps: readonly Gap[];
  readonly messageCount: number;
}

/** The HTTP upgrade at the head of the connection. */
export interface Upgrade {
  readonly requestEntry: number;
  readonly responseEntry: number | null;
  readonly host: string | null;
  readonly origin: string | null;
  /** Names of forwarding headers present, in lower case; their presence alone makes Gateways distrust a peer. */
  readonly forwardingHeaders: readonly string[];
  readonly status: number | null;
}

/** One plain HTTP request and its answer. */
export interface HttpCall {
  readonly method: string;
  readonly target: string;
  readonly requestEntry: number;
  readonly responseEntry: number | null;
  readonly startMs: number;
  readonly durationMs: number | null;
  readonly status: number | null;
  /** True when it has no answer here, but may have had one in a gap. */
  readonly answerLost: boolean;
  /** Null where there was none, or bodies were not recorded. */
  readonly requestBody: HttpBody | null;
  readonly responseBody: HttpBody | null;
}

/** The body of a plain HTTP request or response. */
export interface HttpBody {
  readonly entry: number;
  readonly sizeBytes: number;
  /** How it begins, at most 2000 characters; null when it was not kept, or is no text. */
  readonly start: string | null;
  /** Why it was not kept; null when it was. */
  readonly omitted: string | null;
}

/** Challenge, connect and the answer to it. Each entry number and time is null when that message was not seen. */
export interface Handshake {
  readonly challengeEntry: number | null;
  readonly connectEntry: number | null;
  readonly connectMs: number | null;
  readonly answerEntry: number | null;
  readonly answerMs: number | null;
  readonly connect: ConnectRequest | null;
  /** What the device's proof says beside the challenge; null where one of the two was not seen. */
  readonly proof: ProofFacts | null;
  readonly hello: Hello | null;
  readonly refusal: Refusal | null;
}

/** A device's proof beside the challenge that it is for. */
export interface ProofFacts {
  /** How far `device.signedAt` is ahead of the challenge's `ts`, which the Gateway's clock gave; null where one is no number. */
  readonly aheadMs: number | null;
  /** Whether it was made for this challenge. */
  readonly isForChallenge: boolean;
}

/** The three scope sets of one connection, told apart. */
export interface ScopeSets {
  /** `connect.params.scopes`; null when absent. */
  readonly requested: readonly string[] | null;
  /** `hello-ok.auth.scopes` as reported; null when hello says nothing, or there was none. */
  readonly granted: readonly string[] | null;
  /** What the connection could really do. */
  readonly effective: readonly string[];
  /**
   * The best evidence behind `effective`: the outcome of calls, the Gateway's rule for such a handshake, or only what hello says.
   * `unknown` where none of them tells: then it may hold more than `effective`.
   */
  readonly effectiveFrom: "calls" | "rule" | "hello" | "unknown";
  /** Scopes that an allowed call proved. */
  readonly proven: readonly string[];
  /** Scopes that a refused call named as missing. */
  readonly refuted: readonly string[];
  /** Which scopes stand for others on that Gateway, to ask of these sets what they allow. */
  readonly implies: Profile["implies"];
}

/** A request and, if it came, its response. `connect` is not among them: it is the handshake. */
export interface Rpc {
  readonly connection: number;
  readonly id: string;
  readonly method: string;
  /** `params.idempotencyKey`, where the request has one. */
  readonly idempotencyKey: string | null;
  /** `params.deviceId`, where the request is about a device. */
  readonly deviceId: string | null;
  /** The scopes that its params need by the rules, instead of the method's own; false where its params do not matter. */
  readonly byParams: Measured<readonly string[] | false>;
  /** The caller's span that it names as its parent. */
  readonly traceparent: TraceParent | null;
  readonly requestEntry: number;
  readonly responseEntry: number | null;
  readonly startMs: number;
  readonly durationMs: number | null;
  /** Null while unanswered. */
  readonly ok: boolean | null;
  /** True when it has no answer here, but may have had one in a gap. */
  readonly answerLost: boolean;
  readonly error: FrameError | null;
  /** True while the second answer is promised and not there. */
  readonly awaitsFinal: boolean;
  /** The second answer that methods such as `agent` give: first `accepted`, then how it ended. */
  readonly final: FinalAnswer | null;
}

/** How a request ended that had been answered `accepted` before. */
export interface FinalAnswer {
  readonly responseEntry: number;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly error: FrameError | null;
}

/** How often one kind of event came. */
export interface EventCount {
  readonly event: string;
  readonly count: number;
  readonly firstEntry: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A message that is no Gateway frame, or bytes that are no message. */
export interface Unreadable {
  readonly entry: number;
  readonly from: Side;
  readonly reason: string;
  readonly sizeBytes: number;
}

/** A response whose id belongs to no request that waits for one. After a gap that may hide the request, none is told of. */
export interface StrayResponse {
  readonly entry: number;
  readonly id: string;
}

/**
 * How the connection ended. `code` and `reason` are those of the first WebSocket close frame: 1005 when it had no code
 * (RFC 6455, section 7.1.5), 1006 when there was none. Null when there never was a WebSocket, or when a gap may hide the frame.
 */
export interface Close {
  readonly code: number | null;
  readonly reason: string;
  readonly by: Side | "tap";
  readonly entry: number;
  readonly atMs: number;
}

/** Something that a well-behaved conversation does not do. */
export interface Oddity {
  readonly kind: OddityKind;
  /** The entry at which it shows. */
  readonly entry: number;
  /** The values that matter, in plain words. */
  readonly what: string;
}

/** What can be odd about a message besides its contents. */
export type OddityKind =
  | "duplicate-request-id"
  | "event-before-hello"
  | "oversized-message"
  | "repeated-message"
  | "sequence-gap"
  | "sequence-regression"
  | "silence";
