import type { Profile } from "../gateway/profile.ts";
import type { Connection, Trace } from "../trace/model.ts";
import type { FindingCode } from "./catalogue.ts";
import type { Contrast } from "./finding.ts";
import type { Successes } from "./successes.ts";

/** A finding as a rule writes it down; the severity and the recording are filled in from around it. */
export interface FindingDraft {
  readonly code: FindingCode;
  readonly rpc?: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly evidence: readonly (number | null)[];
  readonly contrast?: Contrast | null;
}

/** What a rule may look at besides the connection it judges. */
export interface RuleContext {
  readonly trace: Trace;
  /** Where calls succeeded, in all traces given, for contrasts across recordings. */
  readonly successes: Successes;
  /** What this Gateway version requires and grants, or the nearest measured version. */
  readonly profile: Profile;
}

/** Judges one connection. Silent (an empty list) when nothing is wrong. */
export type ConnectionRule = (
  connection: Connection,
  context: RuleContext,
) => readonly FindingDraft[];
