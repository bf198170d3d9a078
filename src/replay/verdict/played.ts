import type { ConnectRequest } from "../../gateway/connect.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import type { NearestRequest } from "../match/request-book.ts";
import type { Connection } from "../../trace/model.ts";
import type { Outcome, RecordedAnswer } from "../script/script.ts";

/** Where an answer is from: said to the same request in the recording; from a rule and recorded evidence; or not known. */
export type Grade = "recorded" | "derived" | "unknown";

/** How a live request or connection relates to the recording. `again` repeats what was played before. */
export type PlayedAs = "same" | "again" | "differing" | "unmatched" | "never";

/** One request: asked and recorded, asked only, or recorded only (`never`). */
export interface PlayedRpc {
  /** Null for a message that is no request frame. */
  readonly method: string | null;
  readonly as: PlayedAs;
  /** Null when nothing was answered, as nothing was asked. */
  readonly grade: Grade | null;
  /** The recorded request's entry. */
  readonly entry: number | null;
  readonly recorded: RecordedAnswer | null;
  /** What the replay answered; null when it did not, or not yet. */
  readonly replayed: Outcome | null;
  /** Where a derived answer is from. */
  readonly source: string | null;
  /** What was said of a call after its derived answer, or why nothing was; null where that is as recorded. */
  readonly aftermath: string | null;
  /** What would have to be known to answer. */
  readonly missing: string | null;
  readonly difference: ValueDifference | null;
  readonly nearest: NearestRequest | null;
}

/** One connection: live and recorded, live only, or recorded only (`never`). The handshake is not among the rpcs. */
export interface PlayedConnection {
  /** The number in the replay's own recording. */
  readonly live: number | null;
  readonly recording: string | null;
  readonly connection: number | null;
  /** `id/mode role`, as far as known. */
  readonly client: string | null;
  readonly as: PlayedAs;
  readonly grade: Grade | null;
  /** How the recorded `connect` was answered; null when it was not. */
  readonly recorded: Outcome | null;
  readonly replayed: Outcome | null;
  /** What the connection could do in the recording, and what it can now; null without hello-ok. */
  readonly scopes: {
    readonly before: readonly string[] | null;
    readonly after: readonly string[] | null;
  };
  readonly source: string | null;
  readonly missing: string | null;
  readonly differences: readonly ValueDifference[];
  readonly rpcs: readonly PlayedRpc[];
}

/** `cli/cli operator`, or null when the client never said. */
export function clientLabel(identity: ConnectRequest | null): string | null {
  if (identity === null) return null;
  return `${identity.client.id}/${identity.client.mode} ${identity.role}`;
}

/** What a connection could do; null when it was not let in. */
export function scopesOf({ outcome, scopes }: Connection): readonly string[] | null {
  return outcome === "accepted" ? scopes.effective : null;
}
