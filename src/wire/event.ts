import type { BodyContent, Headers, Message, Side } from "./message.ts";

/** When something was seen, on the two clocks of a recording. */
export interface Moment {
  /** Milliseconds since the recording began, from a monotonic clock. */
  readonly atMs: number;
  /** Milliseconds since the Unix epoch, from the wall clock. */
  readonly wallMs: number;
}

/** The head of an HTTP request: the WebSocket upgrade, or a plain call on the same port. */
export interface HttpRequestEvent {
  readonly kind: "http-request";
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

/** The head of an HTTP response. Status 101 means that the WebSocket begins. */
export interface HttpResponseEvent {
  readonly kind: "http-response";
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

/** A body, when it was over. It follows the head that it belongs to, after other events perhaps, and before the next head of that side. */
export interface HttpBodyEvent {
  readonly kind: "http-body";
  readonly from: Side;
  /** Null when it was not kept; `omitted` says why. */
  readonly content: BodyContent | null;
  readonly omitted: string | null;
  /** Its size on the wire, before content codings were undone. */
  readonly sizeBytes: number;
}

/** One WebSocket message or control frame. */
export interface MessageEvent {
  readonly kind: "message";
  readonly from: Side;
  readonly message: Message;
  /** The size of the payload as it crossed the wire, unmasked and inflated, before any redaction. */
  readonly sizeBytes: number;
}

/** Bytes that could not be understood. The rest of that side of the connection is opaque. */
export interface UndecodableEvent {
  readonly kind: "undecodable";
  readonly from: Side;
  readonly reason: string;
  /** How many bytes it stands for, as far as known by then. */
  readonly sizeBytes: number;
  /** At most the first 256 of those bytes, for evidence; none in a redacted recording, since they may hold a credential. */
  readonly bytes: Uint8Array;
}

/** What the bytes of one connection say, without a place in a recording yet. The moment is that of the chunk that completed it. */
export type WireEvent = Moment &
  (HttpRequestEvent | HttpResponseEvent | HttpBodyEvent | MessageEvent | UndecodableEvent);
