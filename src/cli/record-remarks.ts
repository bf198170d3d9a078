import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { explainLocalityChange, type LocalityChange } from "../gateway/address.ts";
import type { GatewayCommand } from "./gateway-command.ts";
import type { RecordPlan } from "./record-plan.ts";
import type { StopReason } from "./record-stop.ts";
import { describeSelfCalls, type RecordTally } from "./record-tally.ts";

const PATIENCE_MS = 15_000;

/** What the closing summary has to say besides the counts. */
export async function closingRemarks(
  { command }: RecordPlan,
  tally: RecordTally,
  localityChange: LocalityChange | null,
  reason: StopReason,
): Promise<readonly string[]> {
  const remarks: string[] = [];
  if (reason.by === "limit") remarks.push(`stopped by ${reason.limit}`);
  if (localityChange !== null) {
    remarks.push(`in this recording ${explainLocalityChange(localityChange)}`);
  }
  if (command?.gateway) {
    const seen = tally.selfCalls();
    const gatewayVersion = seen.gatewayVersion ?? (await askVersion(command.gateway));
    remarks.push(describeSelfCalls({ ...seen, gatewayVersion }));
  }
  return remarks;
}

/** A Gateway that never spoke on the wire still has a version. */
async function askVersion({ program }: GatewayCommand): Promise<string | null> {
  const [file = "", ...args] = program;
  try {
    const { stdout } = await promisify(execFile)(file, [...args, "--version"], {
      timeout: PATIENCE_MS,
    });
    return /\b\d{4}\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}
