import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "../wire/frames.ts";
import { collect, portOf, until } from "./harness.ts";
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";

const CLI = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const ANSWER = frame("answer");

/** A running `gw-trace record --json` before a Gateway that answers each message with "answer". */
export interface RecorderProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly path: string;
  readonly port: number;
  /** The documents that it wrote so far, one a line. */
  readonly lines: readonly Record<string, unknown>[];
  /** The Gateway's end of the newest WebSocket. */
  readonly atGateway: () => Socket | null;
  /** The documents that say that something was not recorded. */
  readonly blinds: () => readonly Record<string, unknown>[];
  /** What it said beside them so far. */
  readonly stderr: () => string;
  /** Sends a signal, waits for the end, and gives the exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** How to start a recorder; everything has a default. */
export interface RecorderOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** Where it records to, inside the folder of the test. */
  readonly file?: string;
  readonly folder?: string;
}

/** A folder of its own for the test, removed when that ends. */
export async function processFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-process-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Starts the Gateway and the recorder, and waits until clients may come; both end with the test. */
export async function startRecorder(how: RecorderOptions = {}): Promise<RecorderProcess> {
  const folder = how.folder ?? (await processFolder());
  let atGateway: Socket | null = null;
  const gateway = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      atGateway = socket;
      socket.write(upgradeResponse());
      socket.on("data", () => socket.write(ANSWER));
    });
  }).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  const path = join(folder, how.file ?? "a.gwtrace");
  const url = `ws://127.0.0.1:${portOf(gateway.address())}`;
  const args = ["record", "--json", "-o", path, "--listen", "127.0.0.1:0", "--url", url];
  const child = spawn(process.execPath, [CLI, ...args, ...(how.options ?? [])], {
    env: { ...process.env, ...how.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    gateway.close();
  });
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  // How far the recording is may be told before where it listens.
  const listening = (): Record<string, unknown> | undefined =>
    lines.find(({ type }) => type === "listening");
  await until(() => listening() !== undefined);
  return {
    child,
    folder,
    path,
    port: Number(String(listening()?.["listen"]).split(":").at(-1)),
    lines,
    atGateway: () => atGateway,
    blinds: () => lines.filter(({ type }) => type === "blind"),
    stderr: () => stderr,
    end: async (signal) => {
      const exited = once(child, "close");
      child.kill(signal);
      const [code]: (number | null)[] = await exited;
      return code ?? null;
    },
  };
}

/** A client after the upgrade. */
export interface Joined {
  readonly client: Socket;
  /** How many bytes came since the upgrade. */
  readonly received: () => number;
  /** Sends so many messages, each after the answer to the one before. */
  readonly talk: (count: number, text?: string) => Promise<void>;
}

/** Connects a client and waits until it may speak. */
export async function joinGateway(port: number): Promise<Joined> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  const { size } = collect(client);
  client.write(UPGRADE_REQUEST);
  const head = upgradeResponse().length;
  await until(() => size() === head);
  const received = (): number => size() - head;
  return {
    client,
    received,
    async talk(count, text = "question") {
      for (let i = 0; i < count; i++) {
        const before = received();
        client.write(frame(text, { masked: true }));
        // A long message may come to the Gateway in pieces, and be answered as often.
        await until(() => received() >= before + ANSWER.length);
      }
    },
  };
}

/** What a recording holds: its text messages, all entries, and what it says to miss. */
export interface ReadBack {
  readonly texts: readonly string[];
  readonly entries: readonly Entry[];
  readonly missing: readonly string[];
  /** How many entries its gaps count. */
  readonly missed: number;
}

/** Reads a recording, whole or still being written. */
export async function readBack(path: string): Promise<ReadBack> {
  await using reader = await openRecording(path);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  const texts = entries.flatMap((entry) =>
    entry.kind === "message" && entry.message.type === "text" ? [entry.message.text] : [],
  );
  const gaps = entries.filter((entry) => entry.kind === "gap");
  const missed = gaps.reduce((sum, { missingEntries }) => sum + missingEntries, 0);
  return { texts, entries, missing: reader.missing, missed };
}

/** Resolves when a recording holds so many texts. */
export async function untilRead(path: string, count: number): Promise<void> {
  const read = (): Promise<number> =>
    readBack(path).then(
      ({ texts }) => texts.length,
      () => 0,
    );
  while ((await read()) < count) await new Promise(setImmediate);
}
