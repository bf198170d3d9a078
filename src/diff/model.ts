import type { ValueDifference } from "./compare-values.ts";

/** What differs between two recordings, told by connection and rpc. `a` and `b` are the two in the order given. */
export interface RecordingDiff {
  readonly a: string;
  readonly b: string;
  readonly compared: Compared;
  /** What is known to be missing of each, in plain words. */
  readonly missing: Sides<readonly string[]>;
  /** What holds for the Gateways and clients of a whole recording: versions, protocols. */
  readonly general: readonly FieldDifference[];
  /** What hello-ok advertises in one recording only. */
  readonly methods: Sides<readonly string[]>;
  readonly eventKinds: Sides<readonly string[]>;
  /** Only connections that differ, in order; pairs first come where the connection of `a` stands. */
  readonly connections: readonly ConnectionDiff[];
  /** True when nothing differs but what is new in every run, and no gap kept something from being compared. */
  readonly same: boolean;
}

/** Something of each of the two. */
export interface Sides<T> {
  readonly a: T;
  readonly b: T;
}

/** How much was looked at. */
export interface Compared {
  readonly connections: number;
  readonly rpcs: number;
  readonly payloads: number;
}

/** One field, as people read it, that differs. */
export interface FieldDifference extends Sides<string> {
  readonly field: string;
}

/** Two connections that belong together, or one that has no counterpart (then the other number is null). */
export interface ConnectionDiff extends Sides<number | null> {
  /** `id/mode role`, or what else the connection is. */
  readonly who: string;
  readonly handshake: readonly FieldDifference[];
  readonly rpcs: readonly RpcDiff[];
  /** Calls that could not be compared: they, or their answers, may be in a gap of the other recording. */
  readonly unknown: number;
  /** Kinds of events that came on one of the two only. */
  readonly events: Sides<readonly string[]>;
  /** Findings, without what is new in every run, that one of the two has and the other has not. */
  readonly findings: Sides<readonly FindingLine[]>;
}

/** A finding in one line. */
export interface FindingLine {
  readonly code: string;
  readonly title: string;
}

/** Two rpcs that belong together, or one that has no counterpart (then the other entry is null). */
export interface RpcDiff {
  readonly method: string;
  /** The entries of the requests. */
  readonly request: Sides<number | null>;
  /** `ok`, `no answer`, `not recorded`, or the error; null when the rpc is not on that side. */
  readonly outcome: Sides<string | null>;
  readonly params: ValuesDiff;
  /** What the Gateway answered: the payload, or the details of the error. */
  readonly answer: ValuesDiff;
}

/** Where two values differ: all of it counted, the first ones shown. */
export interface ValuesDiff {
  readonly count: number;
  readonly shown: readonly PathDifference[];
}

/** One place in two values; null where there is none. Values are JSON, cut short. */
export interface PathDifference extends Sides<string | null> {
  readonly path: string;
}

/** Nothing differs. */
export const NO_VALUES_DIFF: ValuesDiff = { count: 0, shown: [] };

/** A difference of the shared comparison in the words of a diff; `swapped` says that `b` was taken for the recorded one. */
export function toPathDifference(
  { path, recorded, live }: ValueDifference,
  swapped: boolean,
): PathDifference {
  return swapped ? { path, a: live, b: recorded } : { path, a: recorded, b: live };
}
