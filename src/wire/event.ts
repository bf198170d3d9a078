import type { BodyContent, Headers, Message, Side } from "./message.ts";

/** When something was seen, on the two clocks of a recording. */
export interface Moment {
  /** Milliseconds since the recording began, from a monotonic clock. */
  readonly atMs: number;
  /** Milliseconds since the Unix epoch, from the wall clock. */
  readonly wallMs: number;
}

/** What the bytes of one connection say, without a place in a recording yet. The moment is that of the chunk that completed it. */
export type WireEvent = Moment &
  (
    | {
        readonly kind: "http-request";
        readonly method: string;
        readonly target: string;
        readonly headers: Headers;
      }
    | {
        readonly kind: "http-response";
        readonly status: number;
        readonly reason: string;
        readonly headers: Headers;
      }
    | {
        /** Follows the head that it belongs to, after other events perhaps, and before the next head of that side. */
        readonly kind: "http-body";
        readonly from: Side;
        readonly content: BodyContent | null;
        /** Why there is no content; null when there is. */
        readonly omitted: string | null;
        readonly sizeBytes: number;
      }
    | {
        readonly kind: "message";
        readonly from: Side;
        readonly message: Message;
        /** The payload's size, unmasked and inflated. */
        readonly sizeBytes: number;
      }
    | {
        readonly kind: "undecodable";
        readonly from: Side;
        readonly reason: string;
        readonly sizeBytes: number;
        /** At most the first 256 of those bytes. */
        readonly bytes: Uint8Array;
      }
  );
