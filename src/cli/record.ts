import type { Command } from "commander";
import { usageError } from "../errors.ts";
import { explainLocalityChange } from "../gateway/address.ts";
import { recordingName } from "../recording/names.ts";
import { startRecordSession, type RecordSession } from "../tap/session.ts";
import { describeRecord, type RecordOptions } from "./record-options.ts";
import {
  createJsonOutput,
  createTextOutput,
  type Listening,
  type RecordOutput,
} from "./record-output.ts";
import { commandEnvironment, planRecording, type RecordPlan } from "./record-plan.ts";
import { StopSignals, untilTimeIsUp, type StopReason } from "./record-stop.ts";
import { RecordTally } from "./record-tally.ts";
import { closingRemarks } from "./record-tally.ts";
import { runClient } from "./run-client.ts";
import { splitCommand } from "./split-command.ts";
import type { ClosedRecording } from "../recorder/writer.ts";

/** `gw-trace record [name] [-- command]`: stands between clients and a Gateway, and writes down what crosses. */
export function recordCommand(): Command {
  return describeRecord().action(
    async (words: readonly string[], options: RecordOptions, self: Command) => {
      const { operands, command } = splitCommand(words, self);
      if (operands.length > 1) {
        throw usageError(
          `a recording has one name, not ${operands.length}: ${operands.join(" ")}`,
          "Write a command to run after --.",
        );
      }
      await record(operands[0] ?? null, command, options);
    },
  );
}

async function record(
  name: string | null,
  words: readonly string[] | null,
  options: RecordOptions,
): Promise<void> {
  const plan = await planRecording(name, words, options);
  const output =
    options.json === true ? createJsonOutput() : createTextOutput(plan.command !== null);
  const signals = new StopSignals(plan.command !== null);
  const tally = new RecordTally();
  let becomeLarge = (): void => undefined;
  const untilLarge = new Promise<StopReason>((resolve) => {
    becomeLarge = () => resolve({ by: "limit", limit: "--max-bytes" });
  });
  await using session = await startSession(plan, options, tally, output, becomeLarge);
  const facts = describe(session, plan, options);
  output.listening(facts);
  warn(output, plan, session);
  const ended = runCommand(plan, session, options);
  const reason = await Promise.race([
    signals.untilAsked,
    ended,
    untilTimeIsUp(plan.forMs),
    untilLarge,
  ]);
  // A command goes on through the tap when only the recording is to end.
  const goesOn = reason.by === "limit" && plan.command !== null;
  if (goesOn) await session.stopRecording();
  const last = goesOn ? await ended : reason;
  const closed = session.close();
  signals.hurryAfter(closed);
  const recording = await closed;
  const remarks = await closingRemarks(plan, tally, session.start.localityChange, reason);
  output.summary(facts, { tally: tally.total(), recording, remarks });
  process.exitCode = exitCode(last, recording);
}

/** Starts a session and passes on what it tells; `onLarge` hears when the recording is as large as it may be. */
async function startSession(
  plan: RecordPlan,
  options: RecordOptions,
  tally: RecordTally,
  output: RecordOutput,
  onLarge: () => void,
): Promise<RecordSession> {
  const { listen, listenTls, upstream, rewriteHost, source, path, maxBytes, flight, known } = plan;
  const { maxMessageBytes } = plan;
  const { httpBodies = false } = options;
  let openConnections = (): number => 0;
  const session = await startRecordSession({
    listen,
    listenTls: listenTls?.context ?? null,
    upstream,
    rewriteHost,
    source,
    path,
    redaction: options.redact ? "credentials" : "off",
    mustRecord: options.mustRecord === true,
    ...(maxMessageBytes === null ? {} : { maxMessageBytes }),
    plan: { flight, httpBodies, known },
    onNotice: (notice) => {
      tally.addNotice(notice);
      output.notice(notice);
    },
    onFinding: (finding) => output.finding(finding),
    onStatus: (status) => {
      const isNews = tally.addStatus(status, performance.now());
      if (isNews) output.progress(tally.progress(openConnections()));
      if (maxBytes !== null && status.sizeBytes >= maxBytes) onLarge();
    },
    onSaved: (saved) => output.saved(saved),
    onBlind: (error) => output.blind(error),
  });
  openConnections = () => session.tap.openConnections;
  return session;
}

async function runCommand(
  plan: RecordPlan,
  { tap }: RecordSession,
  { json }: RecordOptions,
): Promise<StopReason> {
  if (plan.command === null) return never();
  const env = commandEnvironment(plan.command, tap.hostPort, plan.listenTls !== null);
  const command = plan.command.words;
  const code = await runClient({ command, env, stdoutToStderr: json === true });
  return { by: "command", code };
}

function never(): Promise<StopReason> {
  return new Promise(() => undefined);
}

function describe(
  { tap }: RecordSession,
  { upstream, listenTls, path, command }: RecordPlan,
  { output, redact }: RecordOptions,
): Listening {
  const name = recordingName(path);
  return {
    url: upstream.url,
    address: tap.address,
    listen: tap.hostPort,
    tlsFingerprint: listenTls?.fingerprint ?? null,
    path,
    name,
    reference: output === undefined ? name : path,
    redacted: redact,
    hasCommand: command !== null,
  };
}

function warn(
  output: RecordOutput,
  { upstream, command }: RecordPlan,
  { start }: RecordSession,
): void {
  const { probe, localityChange } = start;
  // A Gateway that the command is about to start cannot be there yet.
  if (!probe.reached && !command?.gateway) {
    output.warn(
      `no Gateway answers at ${upstream.url} (${probe.error}); recording all the same: clients meet a reset until it is there`,
    );
  }
  if (localityChange !== null) {
    output.warn(`mind that ${explainLocalityChange(localityChange)}`);
  }
  if (command?.gateway && command.token === null) {
    output.warn(
      "no token is known, and without one the Gateway's calls to itself cannot be led through gw-trace; set OPENCLAW_GATEWAY_TOKEN to see them",
    );
  }
}

/** The command's own code, unless gw-trace has a worse verdict: that the recording misses something. */
function exitCode(reason: StopReason, recording: ClosedRecording): number {
  const { missedEntries, missedBytes, complete } = recording;
  const isBlind = missedEntries > 0 || missedBytes > 0 || !complete;
  const code = reason.by === "limit" ? 0 : reason.code;
  return isBlind && (code === 0 || reason.by !== "command") ? 1 : code;
}
