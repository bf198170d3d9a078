import type { Side } from "../../wire/message.ts";

/** What kind of line an entry makes in the frames list, in the order in which the index numbers them. */
export const ROW_TYPES = [
  "lost",
  "open",
  "http",
  "req",
  "res",
  "evt",
  "text",
  "bin",
  "ping",
  "pong",
  "clos",
  "???",
  "end",
  "gap",
] as const;

/** What kind of line an entry makes in the frames list. */
export type RowType = (typeof ROW_TYPES)[number];

/** One line of the frames list: all that can be said about an entry without its body. */
export interface FrameRow {
  readonly entry: number;
  readonly atMs: number;
  readonly connection: number;
  readonly from: Side | null;
  readonly type: RowType;
  /** Method or event; of a response, the method that it answers. */
  readonly method: string;
  readonly sizeBytes: number | null;
  /** Of a response, the time since its request. */
  readonly latencyMs: number | null;
  readonly result: string;
  /** Error codes of a refusal, the code of a close, the status of an HTTP answer. */
  readonly codes: readonly string[];
  /** What a response or an HTTP answer says. Null for all else. */
  readonly ok: boolean | null;
  readonly problem: boolean;
  /** The request of a response, or the response of a request, where it was seen. */
  readonly pair: number | null;
}
