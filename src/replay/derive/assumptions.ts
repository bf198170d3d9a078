import { GwTraceError } from "../../errors.ts";

/** What the recordings do not say and the user states instead. */
export interface Assumptions {
  /** What the Gateway sees as the peer of the live clients. */
  readonly peer?: "local" | "remote";
  /** How devices stand that the recordings do not show: not paired, or approved for these scopes. */
  readonly devices?: "unpaired" | readonly string[];
  /** The Gateway's shared token; any other is wrong. */
  readonly token?: string;
  /** The Gateway's password; any other is wrong. */
  readonly password?: string;
}

/**
 * Reads the values of `--assume`: `local`, `remote`, `unpaired`, `paired=operator.read,operator.write`. The last of a kind counts.
 * @throws {GwTraceError} USAGE
 */
export function parseAssumptions(values: readonly string[]): Assumptions {
  return Object.assign({}, ...values.map(parseAssumption));
}

function parseAssumption(value: string): Assumptions {
  if (value === "local" || value === "remote") return { peer: value };
  if (value === "unpaired") return { devices: "unpaired" };
  const scopes = /^paired=(.+)$/.exec(value)?.[1]?.split(",") ?? [];
  if (scopes.length > 0 && scopes.every((scope) => /^[a-z]+(?:\.[a-z]+)+$/.test(scope))) {
    return { devices: scopes };
  }
  throw new GwTraceError(
    "USAGE",
    `--assume ${value} is no assumption that a replay knows`,
    "Write local, remote, unpaired, or paired=operator.read,operator.write with the scopes approved.",
  );
}
