import type { ClosedEntry, GapEntry } from "../recording/entry.ts";
import type { Moment } from "../wire/event.ts";
import type { Side } from "../wire/message.ts";

/** The addresses of one connection as `host:port`; `peer` is what the Gateway sees. Null where no Gateway was reached. */
export interface Addresses {
  readonly client: string | null;
  readonly peer: string | null;
  readonly gateway: string | null;
}

/** How a connection ended. */
export type SpliceEnd = Pick<ClosedEntry, "by" | "how" | "error">;

/** What an observer could not take in of one connection. */
export type Skipped = Pick<GapEntry, "reason" | "missingEntries" | "missingBytes" | "untilMs">;

/** Hears what crosses the splice, each time after it was forwarded. Connections are numbered from 1. */
export interface SpliceObserver {
  opened(connection: number, addresses: Addresses, at: Moment): void;
  /**
   * The bytes are only lent: the socket may still be sending them, so they must not be changed, and copied to be kept. A promise
   * in answer asks to read nothing more from this side before it is resolved.
   */
  bytes(connection: number, from: Side, bytes: Uint8Array, at: Moment): Promise<void> | void;
  /** This side sends nothing more. */
  ended(connection: number, from: Side, at: Moment): void;
  /** Both sides are over; nothing more is heard of this connection. */
  closed(connection: number, end: SpliceEnd, at: Moment): void;
}
