import { spawn, type ChildProcess } from "node:child_process";
import { openRecording, type RecordingReader } from "../recording/reader.ts";
import { startRecordSession, type RecordSession } from "../tap/session.ts";
import type { LiveState } from "../tui/state.ts";
import type { RecordOptions } from "./record-options.ts";
import { commandEnvironment, planRecording, type RecordPlan } from "./record-plan.ts";

/** A recording session with the terminal UI in front of it. */
export interface LiveRecording extends AsyncDisposable {
  readonly reader: RecordingReader;
  readonly live: LiveState;
  /** The file that is written. */
  readonly path: string;
  /** Says what comes to pass besides the traffic; called at most a few times. */
  onTrouble: (trouble: string) => void;
  /** Starts the command beside the tap, where there is one; its output is kept off the screen. */
  runCommand(): void;
}

/**
 * Starts to record, and opens what is recorded.
 * @throws {GwTraceError} USAGE, URL_INVALID, ADDRESS_INVALID, PORT_IN_USE, RECORDING_EXISTS, WRITE_FAILED
 */
export async function startLive(
  words: readonly string[] | null,
  url: string | undefined,
): Promise<LiveRecording> {
  const options: RecordOptions = {
    redact: true,
    keep: [],
    saveOn: [],
    around: "30s",
    ...(url === undefined ? {} : { url }),
  };
  const plan = await planRecording(null, words, options);
  let tell: (trouble: string) => void = () => undefined;
  const session = await startRecordSession({
    listen: plan.listen,
    listenTls: null,
    upstream: plan.upstream,
    rewriteHost: plan.rewriteHost,
    source: plan.source,
    path: plan.path,
    redaction: "credentials",
    plan: { flight: null, httpBodies: false, known: plan.known },
    onNotice: () => undefined,
    onBlind: (error) => tell(error.message),
  });
  const reader = await openRecording(plan.path);
  let child: ChildProcess | null = null;
  return {
    reader,
    path: plan.path,
    live: describeSession(plan, session),
    set onTrouble(listener: (trouble: string) => void) {
      tell = listener;
    },
    runCommand: () => {
      child = spawnQuietly(plan, session, (trouble) => tell(trouble));
    },
    [Symbol.asyncDispose]: async () => {
      child?.kill("SIGTERM");
      await session.close();
      await reader.close();
    },
  };
}

function describeSession({ upstream }: RecordPlan, { tap, start }: RecordSession): LiveState {
  const { probe } = start;
  const trouble = probe.reached
    ? null
    : `no Gateway answers at ${upstream.url} (${probe.error}); recording all the same`;
  return {
    address: `${tap.hostPort.host}:${tap.hostPort.port}`,
    upstream: upstream.url,
    trouble,
  };
}

// On the screen it would be noise over the panes; how it ended is said in one line.
function spawnQuietly(
  plan: RecordPlan,
  { tap }: RecordSession,
  tell: (trouble: string) => void,
): ChildProcess | null {
  if (plan.command === null) return null;
  const [program = "", ...args] = plan.command.words;
  const env = commandEnvironment(plan.command, tap.hostPort, plan.listenTls !== null);
  const child = spawn(program, args, { env, stdio: "ignore" });
  child.once("error", (error) => tell(`${program} could not be started: ${error.message}`));
  child.once("exit", (code, signal) =>
    tell(`${program} ended with ${signal ?? code}; recording goes on`),
  );
  return child;
}
