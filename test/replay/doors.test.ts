import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording, type RecordingWriter } from "../../src/recorder/writer.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

const HANDSHAKE = [challenge(), connect(), helloOk()];

function play(...conversations: readonly (readonly NewEntry[])[]) {
  return startReplayedGateway({
    scripts: [buildScript("scripted", numbered(...conversations))],
    maxWaitMs: 50,
  });
}

/** A connection whose upgrade was answered with something else than 101, or not at all. */
function turnedAway(
  connection: number,
  status: number | null,
  headers: readonly (readonly [string, string])[] = [],
): readonly NewEntry[] {
  const entries = conversation({ connection, startMs: connection * 100, headers });
  const times = { atMs: connection * 100 + 5, wallMs: 0, connection };
  return [
    ...entries.filter(({ kind }) => kind === "opened" || kind === "http-request"),
    status === null
      ? { ...times, kind: "closed", by: "tap", how: "unreachable", error: "ECONNREFUSED" }
      : {
          ...times,
          kind: "http-response",
          status,
          reason: "Forbidden",
          headers: [
            ["Content-Length", "212"],
            ["X-Kept", "yes"],
          ],
          redacted: false,
        },
  ];
}

/** What a client sees that is not let in: status and headers. */
async function knock(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers });
  socket.on("error", () => undefined);
  const [, response] = await once(socket, "unexpected-response");
  return {
    status: response.statusCode,
    kept: response.headers["x-kept"],
    length: response.headers["content-length"],
  };
}

function plainCall(
  connection: number,
  target: string,
  status: number,
  body: string | null = null,
): readonly NewEntry[] {
  const times = { atMs: connection * 100, wallMs: 0, connection };
  return [
    { ...times, kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null },
    {
      ...times,
      kind: "http-request",
      method: "GET",
      target,
      headers: [["Host", "h"]],
      redacted: false,
    },
    {
      ...times,
      kind: "http-response",
      status,
      reason: "",
      headers: [["X-Kept", "yes"]],
      redacted: false,
    },
    ...(body === null
      ? []
      : [
          {
            ...times,
            kind: "http-body",
            from: "gateway",
            content: { type: "text", text: body },
            omitted: null,
            sizeBytes: body.length,
            redacted: false,
          } as const,
        ]),
  ];
}

describe("upgrades that were not accepted", () => {
  const FORWARDED = [["X-Forwarded-For", "10.0.0.1"]] as const;

  it("are refused with the recorded status and headers", async () => {
    await using replay = await play(turnedAway(1, 403));
    expect(await knock(replay.url)).toEqual({ status: 403, kept: "yes", length: "0" });
    expect(replay.verdict()).toMatchObject({
      clean: true,
      connections: [{ as: "same", connection: 1 }],
    });
  });

  it("are dropped where no Gateway was reached", async () => {
    await using replay = await play(turnedAway(1, null));
    await using live = new LiveClient(replay.url);
    expect((await live.closed)[0]).toBe(1006);
    expect(replay.verdict().clean).toBe(true);
  });

  it("take their turn among connections that were", async () => {
    await using replay = await play(
      conversation({ connection: 1 }, ...HANDSHAKE),
      turnedAway(2, 503),
      conversation({ connection: 3, startMs: 300 }, ...HANDSHAKE),
    );
    await using first = new LiveClient(replay.url);
    await first.event("connect.challenge");
    expect(await knock(replay.url)).toMatchObject({ status: 503 });
    await first.connect();
    await using third = new LiveClient(replay.url);
    expect(await third.connect()).toMatchObject({ ok: true });
    expect(replay.verdict().clean).toBe(true);
  });

  it("go to the client whose upgrade looks like the recorded one", async () => {
    await using replay = await play(
      turnedAway(1, 403, FORWARDED),
      conversation({ connection: 2, startMs: 300 }, ...HANDSHAKE),
    );
    await using direct = new LiveClient(replay.url);
    expect(await direct.connect()).toMatchObject({ ok: true });
    expect(await knock(replay.url, { "X-Forwarded-For": "10.9.9.9" })).toMatchObject({
      status: 403,
    });
    expect(replay.verdict().clean).toBe(true);
  });
});

describe("plain HTTP on the same port", () => {
  it.each([
    ["a recorded call", "/recorded", 204, "yes", ""],
    ["a recorded call whose body was recorded", "/with-body", 200, "yes", '{"status":"recorded"}'],
    ["a recorded probe that failed", "/readyz", 503, "yes", ""],
    ["a probe", "/health", 200, null, '{"ok":true,"status":"live"}'],
    [
      "what is not recorded",
      "/tools/invoke",
      404,
      null,
      expect.stringContaining("GET /tools/invoke is not in the recording"),
    ],
  ])("answers %s", async (_, target, status, kept, body) => {
    await using replay = await play(
      plainCall(1, "/recorded", 204),
      plainCall(2, "/readyz", 503),
      plainCall(3, "/with-body", 200, '{"status":"recorded"}'),
    );
    const response = await fetch(`${replay.url.replace("ws:", "http:")}${target}`);
    expect([response.status, response.headers.get("x-kept"), await response.text()]).toEqual([
      status,
      kept,
      body,
    ]);
  });

  it("is no connection that has to be opened", async () => {
    await using replay = await play(
      plainCall(1, "/startupz", 200),
      conversation({ connection: 2, startMs: 300 }, ...HANDSHAKE),
    );
    await using live = new LiveClient(replay.url);
    await live.connect();
    expect(replay.verdict().clean).toBe(true);
  });
});

describe("where it listens", () => {
  it.each(["0.0.0.0:0", "192.0.2.1:18789", "[::]:0", "example.com:1"])(
    "refuses %s",
    async (listen) => {
      await expect(startReplayedGateway({ scripts: [], listen })).rejects.toMatchObject({
        code: "REMOTE_NOT_ALLOWED",
      });
    },
  );

  it("says when the port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await expect(
      startReplayedGateway({ scripts: [], listen: `127.0.0.1:${port}` }),
    ).rejects.toMatchObject({ code: "PORT_IN_USE" });
    server.close();
  });
});

describe("its own recording", () => {
  it("holds what happened, redacted, and can be played in turn", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gw-trace-replay-"));
    const path = join(folder, "again.gwtrace");
    const recorded = numbered(
      conversation(
        {},
        ...HANDSHAKE,
        req("1", "agent"),
        ok("1", { n: 1 }),
        event("agent", {}, 1),
        close("client", 1000),
      ),
    );
    const writers: RecordingWriter[] = [];
    await using replay = await startReplayedGateway({
      scripts: [buildScript("scripted", recorded)],
      record: async (header) => {
        const writer = await createRecording(path, { ...header, assumedPeer: null });
        writers.push(writer);
        return writer;
      },
    });
    await using live = new LiveClient(replay.url);
    await live.connect();
    await live.call("agent");
    await live.event("agent");
    await live.close();
    await replay.finished;
    await writers[0]?.close();
    const entries: Entry[] = [];
    await using reader = await openRecording(path);
    for await (const entry of reader.entries()) entries.push(entry);
    expect(reader.header).toMatchObject({
      source: "replayed-gateway",
      replayOf: ["scripted"],
      listen: replay.url.slice("ws://".length),
    });
    expect(
      entries.map((entry) =>
        entry.kind === "message" ? `${entry.from} ${entry.message.type}` : entry.kind,
      ),
    ).toEqual([
      "opened",
      "http-request",
      "http-response",
      "gateway text",
      "client text",
      "gateway text",
      "client text",
      "gateway text",
      "gateway text",
      "client close",
      "closed",
    ]);
    expect(JSON.stringify(entries)).not.toContain("a-live-token");
    await using again = await startReplayedGateway({ scripts: [buildScript("again", entries)] });
    await using second = new LiveClient(again.url);
    await second.connect();
    expect(await second.call("agent")).toMatchObject({ payload: { n: 1 } });
    expect(again.verdict().clean).toBe(true);
    await rm(folder, { recursive: true });
  });
});
