import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { startRecordSession } from "../../src/tap/session.ts";
import { gist } from "../wire/events.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "../wire/frames.ts";
import { collect, portOf, until } from "./harness.ts";
import type { Server } from "node:net";
import type { Entry } from "../../src/recording/entry.ts";
import type { Notice } from "../../src/tap/notices.ts";
import type { RecordSession } from "../../src/tap/session.ts";

let folder: string;
let gateway: Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-session-"));
  gateway = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(Buffer.concat([upgradeResponse(), frame("welcome")]));
      socket.on("data", () => socket.write(frame("again")));
    });
  });
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
});

afterEach(async () => {
  gateway.close();
  await rm(folder, { recursive: true });
});

function start(path: string, notices: Notice[] = []): Promise<RecordSession> {
  const port = portOf(gateway.address());
  return startRecordSession({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "127.0.0.1", port, url: `ws://127.0.0.1:${port}` },
    source: null,
    path,
    redaction: "credentials",
    onNotice: (notice) => notices.push(notice),
    onBlind: (error) => {
      throw error;
    },
  });
}

async function talk(session: RecordSession, messages: number): Promise<void> {
  const client = connect(session.tap.hostPort);
  const received = collect(client);
  client.write(UPGRADE_REQUEST);
  const welcome = upgradeResponse().length + frame("welcome").length;
  await until(() => received.size() === welcome);
  for (let turn = 1; turn <= messages; turn++) {
    client.write(frame(`message ${turn}`, { masked: true }));
    await until(() => received.size() === welcome + turn * frame("again").length);
  }
  client.end();
  client.on("error", () => undefined);
  client.destroy();
  await once(client, "close");
}

async function read(path: string): Promise<Entry[]> {
  await using reader = await openRecording(path);
  expect(reader.complete).toBe(true);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return entries;
}

describe("a session that records on a thread of its own", () => {
  test("writes every message, in order, into a file for its owner's eyes", async () => {
    const path = join(folder, "a.gwtrace");
    const notices: Notice[] = [];
    const session = await start(path, notices);
    await talk(session, 20);
    await until(() => notices.some(({ kind }) => kind === "closed"));
    const closed = await session.close();
    expect(closed).toMatchObject({ path, complete: true, missedEntries: 0 });
    const entries = await read(path);
    expect(entries.map(({ kind }) => kind)).toEqual([
      "opened",
      "http-request",
      "http-response",
      ...Array.from({ length: 41 }, () => "message"),
      "closed",
    ]);
    const messages = gist(entries.filter((entry) => entry.kind === "message"));
    expect(messages).toEqual([
      "gateway text welcome",
      ...Array.from({ length: 20 }, (_, i) => [
        `client text message ${i + 1}`,
        "gateway text again",
      ]).flat(),
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(notices.at(-1)?.connection.messageCount).toBe(41);
  });

  test("closes whole what is still open when it stops", async () => {
    const path = join(folder, "b.gwtrace");
    const session = await start(path);
    const client = connect(session.tap.hostPort);
    client.on("error", () => undefined);
    const received = collect(client);
    client.write(UPGRADE_REQUEST);
    await until(() => received.size() > 0);
    await session.close();
    client.destroy();
    expect((await read(path)).at(-1)).toMatchObject({ kind: "closed", by: "tap", how: "stopped" });
  });

  test("refuses to write over a recording, and stops listening then", async () => {
    const path = join(folder, "c.gwtrace");
    await writeFile(path, "mine");
    await expect(start(path)).rejects.toMatchObject({ code: "RECORDING_EXISTS" });
  });

  test("says so when the file cannot be made", async () => {
    const file = join(folder, "d");
    await writeFile(file, "a file is no folder");
    await expect(start(join(file, "d.gwtrace"))).rejects.toMatchObject({ code: "WRITE_FAILED" });
  });
});
