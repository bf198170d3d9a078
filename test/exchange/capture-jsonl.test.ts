import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCaptureJsonl } from "../../src/exchange/capture-jsonl.ts";

const CAPTURES = new URL("../../../shared/captures", import.meta.url).pathname;

function lines(...records: readonly unknown[]): string {
  return records.map((record) => JSON.stringify(record)).join("\n");
}

const meta = {
  t: 0.5,
  ev: "meta",
  wall: "2026-11-23T03:10:21.000Z",
  listen: "127.0.0.1:18789",
  to: "100.64.0.5:18789",
};
const open = {
  t: 10,
  conn: 1,
  ev: "open",
  peer: "127.0.0.1:36734",
  requestLine: "GET /ws HTTP/1.1",
  upgradeRequestHeaders: { upgrade: "websocket", host: "127.0.0.1:18789" },
};

describe("parseCaptureJsonl", () => {
  test("reads one connection from open to end", () => {
    const capture = parseCaptureJsonl(
      lines(
        meta,
        open,
        { t: 11, conn: 1, ev: "upgraded", status: 101, responseHeaders: { upgrade: "websocket" } },
        { t: 12, conn: 1, ev: "msg", dir: "s2c", opcode: "text", text: "é" },
        { t: 13, conn: 1, ev: "msg", dir: "c2s", opcode: "binary", text: "AQI=" },
        { t: 14, conn: 1, ev: "close", dir: "c2s", opcode: "close", code: 1005, reason: "" },
        { t: 15, conn: 1, ev: "close", dir: "s2c", opcode: "close", code: 1008, reason: "no" },
        { t: 16, conn: 1, ev: "tcp-end", by: "s2c" },
        { t: 17, conn: 1, ev: "tcp-end", by: "c2s" },
        { t: 18, conn: 1, ev: "tcp-closed" },
      ),
    );
    expect(capture.remarks).toMatchObject({ skipped: 0, problems: [], notes: [] });
    expect(capture.header).toEqual({
      source: "import",
      startedAt: "2026-11-23T03:10:21.000Z",
      upstream: "ws://100.64.0.5:18789",
      listen: "127.0.0.1:18789",
      redaction: "credentials",
      replayOf: [],
      assumedPeer: null,
    });
    const wallMs = Date.parse(meta.wall) + 10;
    expect(capture.entries).toMatchObject([
      {
        kind: "opened",
        atMs: 10,
        wallMs,
        connection: 1,
        clientAddress: "127.0.0.1:36734",
        gatewayAddress: "100.64.0.5:18789",
      },
      {
        kind: "http-request",
        method: "GET",
        target: "/ws",
        headers: [
          ["upgrade", "websocket"],
          ["host", "127.0.0.1:18789"],
        ],
      },
      { kind: "http-response", status: 101 },
      { kind: "message", from: "gateway", message: { type: "text", text: "é" }, sizeBytes: 2 },
      { kind: "message", from: "client", message: { type: "binary" }, sizeBytes: 2 },
      { kind: "message", message: { type: "close", code: null, reason: "" }, sizeBytes: 0 },
      { kind: "message", message: { type: "close", code: 1008, reason: "no" }, sizeBytes: 4 },
      { kind: "closed", by: "gateway", how: "fin", error: null, atMs: 18 },
    ]);
  });

  test("takes the headers that were sent on to the Gateway", () => {
    const sentHeaders = { host: "gw.example.com", "x-forwarded-for": "10.0.0.9" };
    const { entries } = parseCaptureJsonl(lines(meta, { ...open, sentHeaders }));
    expect(entries[1]).toMatchObject({ headers: Object.entries(sentHeaders) });
  });

  test("a Gateway that was never reached has no address", () => {
    const { entries } = parseCaptureJsonl(
      lines(
        meta,
        open,
        { ...open, conn: 2 },
        { t: 11, conn: 2, ev: "tcp-error", by: "s2c", message: "ECONNREFUSED" },
        { t: 12, conn: 2, ev: "tcp-closed" },
      ),
    );
    const opened = entries.filter(({ kind }) => kind === "opened");
    expect(opened).toMatchObject([{ gatewayAddress: meta.to }, { gatewayAddress: null }]);
    expect(entries.at(-1)).toMatchObject({ kind: "closed", how: "unreachable" });
  });

  test("numbers on where a second run was appended", () => {
    const later = { ...meta, wall: "2026-11-23T03:10:31.000Z" };
    const { entries, header } = parseCaptureJsonl(lines(meta, open, later, open));
    expect(header.startedAt).toBe(meta.wall);
    expect(entries.map(({ connection, atMs }) => [connection, atMs])).toEqual([
      [1, 10],
      [1, 10],
      [2, 10_010],
      [2, 10_010],
    ]);
  });

  test.each([
    ["not JSON", "{"],
    ["not an object", "[1]"],
    ["no time", '{"ev":"open","conn":1}'],
    ["no connection", '{"t":1,"ev":"msg","dir":"c2s","opcode":"text","text":""}'],
    ["an unknown event", '{"t":1,"conn":1,"ev":"flood"}'],
    ["no side", '{"t":1,"conn":1,"ev":"msg","opcode":"text","text":""}'],
    ["an unknown opcode", '{"t":1,"conn":1,"ev":"msg","dir":"c2s","opcode":"7","text":""}'],
  ])("counts and names a line with %s", (_, line) => {
    const capture = parseCaptureJsonl(`${lines(meta)}\n${line}\n${lines(open)}\n`);
    expect(capture.remarks.skipped).toBe(1);
    expect(capture.remarks.problems).toEqual([expect.stringMatching(/^line 2: /)]);
    expect(capture.entries).toHaveLength(2);
  });

  test("says so when there is no meta line", () => {
    expect(parseCaptureJsonl(lines(open)).remarks.notes).toEqual([
      "no meta line: the time at which it began is unknown",
    ]);
  });

  test.skipIf(!existsSync(CAPTURES))("reads every real capture without a loss", () => {
    for (const version of readdirSync(CAPTURES).filter((name) => /^\d/.test(name))) {
      for (const file of readdirSync(join(CAPTURES, version)).filter((n) => n.endsWith(".jsonl"))) {
        const text = readFileSync(join(CAPTURES, version, file), "utf8");
        const capture = parseCaptureJsonl(text);
        const { problems, notes } = capture.remarks;
        expect({ file, problems, notes }).toEqual({ file, problems: [], notes: [] });
        const messages = capture.entries.filter(({ kind }) => kind === "message").length;
        expect(messages).toBe(text.match(/"ev":"(?:msg|close)"/g)?.length ?? 0);
      }
    }
  });
});
