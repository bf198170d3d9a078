import { spawn } from "node:child_process";
import { clientEnvironment } from "../gateway/config.ts";
import type { Profile } from "../gateway/profile.ts";
import type { Entry } from "../recording/entry.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { readScript } from "../replay/script/build-script.ts";
import { startReplayedGateway } from "../replay/serve/gateway-server.ts";
import { renderReplayVerdict } from "../replay/verdict/render-verdict.ts";
import type { RunningReplay } from "../tui/deeds.ts";
import type { Task } from "../tui/task.ts";
import { PLAIN_STYLE } from "../views/style.ts";

const MAX_OUTPUT = 2000;

// The time is looked at every so many entries.
const ENTRIES_A_LOOK = 64;

/**
 * Plays the Gateway of an open recording for the terminal UI. A command runs beside it, its output kept off the screen. Null when the task was stopped.
 * @throws {GwTraceError} RECORDING_EMPTY
 */
export async function startReplayFor(
  reader: RecordingReader,
  command: string,
  task: Task,
  profiles: readonly Profile[] = [],
): Promise<RunningReplay | null> {
  let wasStopped = false;
  const watched = entriesUntilStopped(reader, task, () => (wasStopped = true));
  const script = await readScript(reader, watched, profiles).catch((error: unknown) => {
    if (wasStopped) return null;
    throw error;
  });
  if (script === null || wasStopped) return null;
  const gateway = await startReplayedGateway({ scripts: [script], profiles });
  const client = command === "" ? null : new QuietClient(command, gateway);
  return {
    url: gateway.url,
    verdict: () =>
      [renderReplayVerdict(gateway.verdict(), PLAIN_STYLE), client?.story() ?? ""].join("\n"),
    finished: client?.ended ?? gateway.finished,
    [Symbol.asyncDispose]: async () => {
      client?.stop();
      await gateway.close();
    },
  };
}

/** The entries of a recording, until the task is stopped. */
async function* entriesUntilStopped(
  reader: RecordingReader,
  task: Task,
  onStopped: () => void,
): AsyncGenerator<Entry> {
  let count = 0;
  for await (const entry of reader.entries()) {
    yield entry;
    count += 1;
    if (count % ENTRIES_A_LOOK !== 0 || (await task.goesOn(count))) continue;
    return onStopped();
  }
}

/** A command whose output is kept instead of shown. */
class QuietClient {
  readonly ended: Promise<void>;
  private readonly child;
  private output = "";
  private end = "";

  constructor(
    command: string,
    gateway: { readonly url: string; readonly address: { readonly port: number } },
  ) {
    const target = { url: gateway.url, port: gateway.address.port };
    const token = process.env["OPENCLAW_GATEWAY_TOKEN"] || null;
    this.child = spawn("/bin/sh", ["-c", command], {
      env: clientEnvironment(process.env, target, token),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.output = (this.output + text).slice(-MAX_OUTPUT);
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) => {
        this.end = `the command ended with ${signal ?? code}`;
        resolve();
      });
    });
  }

  /** What it said last, and how it ended. */
  story(): string {
    return `${this.output}\n${this.end}`.trim();
  }

  stop(): void {
    this.child.kill("SIGTERM");
  }
}
