import type { Gateway } from "../harness/gateway.ts";

/** Where a scenario is played. */
export interface Stage {
  readonly gateway: Gateway;
  /** The loopback port that clients are pointed at: the Gateway's own, or that of whatever stands before it. */
  readonly port: number;
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
  /** Plays it, and gives what the clients saw: free of values that are new in every run. */
  play(stage: Stage): Promise<unknown>;
}
