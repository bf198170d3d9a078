import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "../wire/frames.ts";
import { collect, portOf, until } from "./harness.ts";
import type { ChildProcess } from "node:child_process";
import type { Server, Socket } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";

const CLI = new URL("../../dist/cli/main.js", import.meta.url).pathname;

let folder: string;
let gateway: Server;
let atGateway: Socket | null;
let child: ChildProcess | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-process-"));
  atGateway = null;
  child = null;
  gateway = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      atGateway = socket;
      socket.write(upgradeResponse());
      socket.on("data", () => socket.write(frame("answer")));
    });
  });
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
});

afterEach(async () => {
  child?.kill("SIGKILL");
  gateway.close();
  await rm(folder, { recursive: true });
});

interface Recorder {
  readonly child: ChildProcess;
  readonly path: string;
  readonly port: number;
  /** The documents that it wrote so far, one a line. */
  readonly lines: readonly Record<string, unknown>[];
}

async function startRecorder(
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<Recorder> {
  const path = join(folder, "a.gwtrace");
  const url = `ws://127.0.0.1:${portOf(gateway.address())}`;
  const args = [
    CLI,
    "record",
    "--json",
    "-o",
    path,
    "--listen",
    "127.0.0.1:0",
    "--url",
    url,
    ...options,
  ];
  const started = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  child = started;
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: started.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  // How far the recording is may be told before where it listens.
  const listening = (): Record<string, unknown> | undefined =>
    lines.find(({ type }) => type === "listening");
  await until(() => listening() !== undefined);
  return {
    child: started,
    path,
    port: Number(String(listening()?.["listen"]).split(":").at(-1)),
    lines,
  };
}

async function join101(port: number): Promise<{ client: Socket; received: () => number }> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  const { size } = collect(client);
  client.write(UPGRADE_REQUEST);
  const head = upgradeResponse().length;
  await until(() => size() === head);
  return { client, received: () => size() - head };
}

async function readTexts(path: string): Promise<{ texts: string[]; entries: Entry[] }> {
  await using reader = await openRecording(path);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  const texts = entries.flatMap((entry) =>
    entry.kind === "message" && entry.message.type === "text" ? [entry.message.text] : [],
  );
  return { texts, entries };
}

/** Resolves when a recording holds so many texts. */
async function untilRead(path: string, count: number): Promise<void> {
  const read = (): Promise<number> =>
    readTexts(path).then(
      ({ texts }) => texts.length,
      () => 0,
    );
  while ((await read()) < count) await new Promise(setImmediate);
}

describe("gw-trace record as a process", () => {
  test("kill -9 loses nothing that was in the file, and what is in it reads without holes", async () => {
    const { child: recorder, path, port } = await startRecorder();
    const { client, received } = await join101(port);
    const answer = frame("answer").length;
    const ask = async (from: number, count: number): Promise<void> => {
      for (let i = from; i < from + count; i++) {
        client.write(frame(`question ${i}`, { masked: true }));
        await until(() => received() === (i + 1) * answer);
      }
    };
    await ask(0, 100);
    let counted = 0;
    while (counted < 200) ({ length: counted } = (await readTexts(path)).texts);
    await ask(100, 300);
    recorder.kill("SIGKILL");
    await once(recorder, "exit");
    client.destroy();
    const { texts } = await readTexts(path);
    expect(texts.length).toBeGreaterThanOrEqual(200);
    const expected = Array.from({ length: 400 }, (_, i) => [`question ${i}`, "answer"]).flat();
    expect(texts).toEqual(expected.slice(0, texts.length));
  });

  test.each([
    ["once", 1, []],
    ["too often, where it must record", 4, ["--must-record"]],
  ])("a recorder that fails %s harms no traffic, goes on in another recording, and says what it lost", async (_often, failures, options) => {
    const preload = join(folder, "fail.mjs");
    // An error that nobody catches, in the recording thread, whenever a file says so.
    await writeFile(
      preload,
      `import { isMainThread } from "node:worker_threads"; import { existsSync, rmSync } from "node:fs";
       const sign = ${JSON.stringify(join(folder, "fail"))};
       if (!isMainThread) setInterval(() => { if (existsSync(sign)) { rmSync(sign); throw new Error("out of luck"); } }, 1).unref();`,
    );
    const nodeOptions = `--import=${pathToFileURL(preload).href}`;
    const { child: recorder, path, port, lines } = await startRecorder({ NODE_OPTIONS: nodeOptions }, options);
    const blinds = (): unknown[] => lines.filter(({ type }) => type === "blind");
    const talk = async ({ client, received }: Awaited<ReturnType<typeof join101>>, count: number): Promise<void> => {
      const until0 = received();
      for (let i = 1; i <= count; i++) {
        client.write(frame("question", { masked: true }));
        await until(() => received() === until0 + i * frame("answer").length);
      }
    };
    let sent = 0;
    const opened: Socket[] = [];
    for (let failed = 1; failed <= failures; failed++) {
      const before = await join101(port);
      opened.push(before.client);
      await talk(before, 50);
      const goesInto = failed === 1 ? path : join(folder, `a-after-failure-${failed - 1}.gwtrace`);
      await untilRead(goesInto, 100);
      await writeFile(join(folder, "fail"), "");
      await until(() => blinds().length >= failed);
      await talk(before, 50);
      sent += 200;
    }
    const after = await join101(port);
    opened.push(after.client);
    await talk(after, 50);
    for (const client of opened) client.destroy();
    await until(() => lines.filter(({ type }) => type === "connection-closed").length > 0 || failures > 3);
    recorder.kill("SIGINT");
    const [code] = await once(recorder, "exit");
    expect(code).toBe(1);
    expect(blinds()).toHaveLength(failures);
    expect(JSON.stringify(blinds())).toContain("out of luck");
    const { recording } = Object(lines.at(-1));
    expect(recording).toMatchObject({ complete: false });
    const paths = [...recording.brokenOff, ...(failures > 3 ? [] : [recording.path])];
    expect(paths[0]).toBe(path);
    expect(paths).toHaveLength(failures > 3 ? 3 : 2);
    if (failures > 3) return;
    const [first, second] = await Promise.all(paths.map(readTexts));
    const missing = (second?.entries ?? []).filter((entry) => entry.kind === "gap");
    const missed = missing.reduce((sum, { missingEntries }) => sum + missingEntries, 0);
    // All messages of the connection that began before: recorded, or counted as missing.
    expect((first?.texts.length ?? 0) + missed).toBeGreaterThanOrEqual(sent);
    expect(second?.texts).toHaveLength(100);
    expect(second?.entries[0]).toMatchObject({ kind: "gap", connection: 0, reason: "the recorder failed: out of luck" });
    expect(second?.entries).toContainEqual(expect.objectContaining({ kind: "closed", connection: 1 }));
  }); // prettier-ignore

  test.skipIf(process.platform !== "linux")(
    "a disk that stalls (its thread is held by a FIFO) stops neither the traffic nor the memory's limit, and is told",
    async () => {
      const fifo = join(folder, "fifo");
      expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
      const preload = join(folder, "stall.mjs");
      await writeFile(
        preload,
        `import { open } from "node:fs"; import { isMainThread } from "node:worker_threads";
         if (isMainThread) process.on("SIGUSR2", () => open(${JSON.stringify(fifo)}, "r", () => {}));`,
      );
      const recorder = await startRecorder({
        UV_THREADPOOL_SIZE: "1",
        NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
      });
      const { client, received } = await join101(recorder.port);
      recorder.child.kill("SIGUSR2");
      const message = frame(`{"text":"${"words that are said ".repeat(800)}"}`);
      const count = 6000;
      for (let sent = 0; sent < count; sent++) {
        if (atGateway?.write(message) === false) await once(atGateway, "drain");
      }
      // All of it arrives although nothing can be written.
      await until(() => received() === count * message.length);
      await until(() => recorder.lines.some(({ type }) => type === "blind"));
      const status = await readFile(`/proc/${recorder.child.pid}/status`, "utf8");
      const peakKilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
      expect(peakKilobytes).toBeLessThan(150_000);
      await (await open(fifo, "w")).close();
      client.destroy();
      recorder.child.kill("SIGINT");
      const [code] = await once(recorder.child, "exit");
      expect(code).toBe(1);
      const { texts, entries } = await readTexts(recorder.path);
      const gaps = entries.filter((entry) => entry.kind === "gap");
      const missed = gaps.reduce((sum, { missingEntries }) => sum + missingEntries, 0);
      expect(texts.length + missed).toBe(count);
      expect(missed).toBeGreaterThan(count / 2);
      expect(recorder.lines.filter(({ type }) => type === "blind")).toHaveLength(1);
    },
  );
});
