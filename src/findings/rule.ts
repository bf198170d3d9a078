import type { Refusal } from "../gateway/connect.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Connection, Trace, Rpc } from "../trace/model.ts";
import type { FindingCode } from "./catalogue.ts";
import type { Contrast, Finding } from "./finding.ts";
import type { Relatives } from "./relatives.ts";
import type { Success } from "./contrast.ts";

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

/** What such a finding says, where its code is known. */
export type Advice = Pick<FindingDraft, "why" | "fix">;

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
  readonly successes: (method: string) => readonly Success[];
  /** Connections of this trace that have to do with one. */
  readonly relatives: Relatives;
  /** What is known of this Gateway's version: what was measured on it, or what the versions around it share. */
  readonly profile: Profile;
}

/** Judges one connection. Silent (null, or an empty list) when nothing is wrong. */
export type ConnectionRule = (
  connection: Connection,
  context: RuleContext,
) => FindingDraft | readonly FindingDraft[] | null;

/** Of very many entries that prove the same, so many are named. */
export const MAX_EVIDENCE = 20;

/** A group is never empty. */
export type Group<T> = readonly [T, ...T[]];

/** Groups items that have the same key, in order of their first appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => unknown): readonly Group<T>[] {
  const groups = new Map<unknown, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** What is found on each connection of a recording, by the connection's number. */
export function findingsByConnection(
  findings: readonly Finding[],
  recording: string,
): (connection: number) => readonly Finding[] {
  const own = findings.filter((finding) => finding.recording === recording);
  const groups = groupBy(own, ({ connection }) => connection);
  const byConnection = new Map(groups.map((group) => [group[0].connection, group]));
  return (connection) => byConnection.get(connection) ?? [];
}

/** The calls that a rule wants, those of one method with one error together. */
export function groupByMethod(
  connection: Connection,
  wanted: (rpc: Rpc) => boolean,
): readonly Group<Rpc>[] {
  return groupBy(
    connection.rpcs.filter(wanted),
    ({ method, error }) => `${method}\n${error?.message ?? ""}`,
  );
}

/** What a finding says of calls of one method with one error: how they came out, and how often. `around` are entries that prove it too. */
export function tellCalls(
  calls: Group<Rpc>,
  how: string,
  around: FindingDraft["evidence"] = [],
): Pick<FindingDraft, "title" | "evidence"> & { readonly rpc: string } {
  const [{ id, method, error }] = calls;
  const words = error === null ? "" : `: ${error.message}`;
  return {
    rpc: id,
    title: `${method} ${how}${timesOf(calls)}${words}`,
    evidence: [...around, ...calls.flatMap((rpc) => [rpc.requestEntry, rpc.responseEntry])],
  };
}

/** The entries of `connect` and of the answer to it. */
export function handshakeEntries({ handshake }: Connection): FindingDraft["evidence"] {
  return [handshake.connectEntry, handshake.answerEntry];
}

/** ` 3 times` of three, nothing of an only one. */
export function timesOf({ length }: readonly unknown[]): string {
  return length === 1 ? "" : ` ${length} times`;
}
