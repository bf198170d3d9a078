import type { Refusal } from "../gateway/connect.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Connection, Trace } from "../trace/model.ts";
import type { FindingCode } from "./catalogue.ts";
import type { Contrast } from "./finding.ts";
import type { Relatives } from "./relatives.ts";
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

/** Why something was refused and what to do: the part of a finding that depends on the cause. */
export type Cause = Pick<FindingDraft, "code" | "why" | "fix"> &
  Partial<Pick<FindingDraft, "evidence">>;

/** True when a refused connect has that detail code or, for Gateways that send none, that text. */
export function refusesAs(refusal: Refusal, detailCode: RegExp, message: RegExp): boolean {
  return refusal.detailCode === null
    ? message.test(refusal.message)
    : detailCode.test(refusal.detailCode);
}

/** What a rule may look at besides the connection it judges. */
export interface RuleContext {
  readonly trace: Trace;
  /** Where calls succeeded, in all traces given, for contrasts across recordings. */
  readonly successes: Successes;
  /** Connections of this trace that have to do with one. */
  readonly relatives: Relatives;
  /** What is known of this Gateway's version: what was measured on it, or what the versions around it share. */
  readonly profile: Profile;
}

/** Judges one connection. Silent (an empty list) when nothing is wrong. */
export type ConnectionRule = (
  connection: Connection,
  context: RuleContext,
) => readonly FindingDraft[];
