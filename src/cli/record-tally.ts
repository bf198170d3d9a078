import { explainLocalityChange, type LocalityChange } from "../gateway/address.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import { describeRules, rulesFor } from "../gateway/rules.ts";
import type { Notice } from "../tap/notices.ts";
import type { RecordStatus } from "../tap/worker-message.ts";
import type { RecordProgress } from "../views/record-status.ts";
import { askVersion } from "./openclaw-version.ts";
import type { RecordPlan } from "./record-plan.ts";
import type { StopReason } from "./record-stop.ts";

/** What a recording came to, as far as the live lines know. */
export interface Tally {
  readonly connections: number;
  readonly calls: number;
  readonly failed: number;
  readonly findings: number;
}

/** What was seen of the calls that a Gateway makes to itself. */
export interface SelfCalls {
  /** How often each method was called, the most frequent first. */
  readonly methods: readonly (readonly [method: string, count: number])[];
  readonly gatewayVersion: string | null;
}

const NOTHING: RecordStatus = { frames: 0, findings: 0, sizeBytes: 0, missedEntries: 0 };

/** Counts what is told while a recording is made. */
export class RecordTally {
  #connections = 0;
  #calls = 0;
  #failed = 0;
  #gatewayVersion: string | null = null;
  readonly #selfCalls = new Map<string, number>();
  #status = NOTHING;
  #statusMs = 0;
  #framesPerSecond = 0;

  /** Takes in a line's worth. */
  addNotice({ kind, connection, calls, failed }: Notice): void {
    const { connect, hello } = connection.handshake;
    this.#gatewayVersion ??= hello?.serverVersion ?? null;
    if (kind !== "closed") return;
    this.#connections += 1;
    this.#calls += calls;
    this.#failed += failed;
    if (connect?.client.id !== "gateway-client") return;
    for (const { method } of connection.rpcs) {
      this.#selfCalls.set(method, (this.#selfCalls.get(method) ?? 0) + 1);
    }
  }

  /** Takes in how far the recording is; `nowMs` is a monotonic time. True when something changed. */
  addStatus(status: RecordStatus, nowMs: number): boolean {
    const seconds = (nowMs - this.#statusMs) / 1000;
    const before = this.#status;
    const rate = seconds > 0 ? (status.frames - before.frames) / seconds : 0;
    const changed = JSON.stringify(status) !== JSON.stringify(before) || this.#framesPerSecond > 0;
    this.#framesPerSecond = rate;
    this.#status = status;
    this.#statusMs = nowMs;
    return changed;
  }

  /** For the live line. */
  progress(open: number): RecordProgress {
    const { frames, findings, sizeBytes, missedEntries } = this.#status;
    return {
      open,
      connections: this.#connections + open,
      frames,
      framesPerSecond: this.#framesPerSecond,
      sizeBytes,
      findings,
      missedEntries,
    };
  }

  /** For the summary. */
  total(): Tally {
    return {
      connections: this.#connections,
      calls: this.#calls,
      failed: this.#failed,
      findings: this.#status.findings,
    };
  }

  /** For the summary of a recorded Gateway. */
  selfCalls(): SelfCalls {
    return {
      methods: [...this.#selfCalls].toSorted(([, a], [, b]) => b - a),
      gatewayVersion: this.#gatewayVersion,
    };
  }
}

/** What is to be said of a Gateway's calls to itself: those seen, and those that its version makes where no tap can see them. */
export function describeSelfCalls({ methods, gatewayVersion }: SelfCalls): string {
  const seen =
    methods.length === 0
      ? "the Gateway made no call to itself through gw-trace"
      : `the Gateway called itself: ${methods.map(([method, count]) => `${method} ${count}`).join(", ")}`;
  if (gatewayVersion === null) return `${seen}; its version is not known`;
  const rules = rulesFor(gatewayVersion);
  const { selfCallsInProcess: inProcess } = rules.profile;
  if (inProcess === NOT_MEASURED) {
    return `${seen} (which of them OpenClaw ${gatewayVersion} makes inside its process was not measured)`;
  }
  const note = describeRules(rules);
  const basis = note === null ? "" : ` (${note})`;
  return inProcess === null
    ? `${seen}; OpenClaw ${gatewayVersion} makes all of them over a socket${basis}`
    : `${seen}; OpenClaw ${gatewayVersion} makes ${inProcess} inside its process, where no socket carries them${basis}`;
}

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
    // A Gateway that never spoke on the wire still has a version.
    const gatewayVersion = seen.gatewayVersion ?? (await askVersion(command.gateway.program));
    remarks.push(describeSelfCalls({ ...seen, gatewayVersion }));
  }
  return remarks;
}
