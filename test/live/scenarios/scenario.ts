import type { FindingCode } from "../../../src/findings/catalogue.ts";
import type { Place } from "../harness/place.ts";
import type { State } from "../harness/state.ts";

/** Where a scenario is played. */
export interface Stage {
  readonly version: string;
  readonly place: Place;
  /** What OpenClaw's own programs run with. */
  readonly state: State;
  /** The loopback port that clients are pointed at: the Gateway's own, or that of whatever stands before it or for it. */
  readonly port: number;
}

/** What one connection of a scenario has to show. */
export interface ExpectedConnection {
  /** Client id and mode; null for a plain HTTP call. */
  readonly client: string | null;
  readonly outcome: "accepted" | "refused" | "incomplete";
  readonly requested: readonly string[] | null;
  readonly granted: readonly string[] | null;
  readonly effective: readonly string[];
  /** Which methods were called, and whether they were allowed. */
  readonly calls: Readonly<Record<string, boolean>>;
}

/** Something real clients do with a real Gateway, always in the same order. */
export interface Scenario {
  /** Also the name of its recording. */
  readonly name: string;
  readonly version: string;
  /** `far`: the Gateway listens on no loopback address, so its peers are remote ones, and it needs a namespace. */
  readonly peer: "loopback" | "far";
  /** The `gateway` section of openclaw.json, beyond what every Gateway here has. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** In order of arrival. */
  readonly expected: readonly ExpectedConnection[];
  /** Codes of findings that the recording has to lead to. */
  readonly findings: readonly FindingCode[];
  /** Plays it, and gives what the clients saw: free of values that are new in every run. */
  play(stage: Stage): Promise<unknown>;
}
