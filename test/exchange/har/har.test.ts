import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderHar, type ExportedRecording } from "../../../src/exchange/har/export.ts";
import { parseHar } from "../../../src/exchange/har/import.ts";
import { TOOL_VERSION } from "../../../src/version.ts";
import type { Entry, NewEntry, RecordingHeader } from "../../../src/recording/entry.ts";
import { everyKind } from "../../recording/sample.ts";
import {
  close,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  req,
} from "../../support/conversation.ts";
import { HEADER } from "../../support/traces.ts";
import { anyEntry } from "../any-recording.ts";

const readValue = (value: unknown, name: string) => parseHar(JSON.stringify(value), name);

async function* each(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

async function harOf(
  entries: readonly Entry[],
  header: Partial<RecordingHeader> = {},
): Promise<ReturnType<typeof JSON.parse>> {
  const recording: ExportedRecording = {
    header: { ...HEADER, ...header },
    missing: [],
    entries: each(entries),
  };
  let text = "";
  for await (const piece of renderHar(recording)) text += piece;
  return JSON.parse(text);
}

const talk = (connection: number, startMs: number) =>
  conversation(
    { connection, startMs, peerAddress: "100.64.0.5:50002" },
    connect({ scopes: ["operator.read"] }),
    helloOk({ scopes: [] }),
    req("c1", "health"),
    ok("c1"),
    close("gateway", 1008, "no more"),
  );

describe("export", () => {
  test("writes a socket as Chrome does, and says what HAR has no field for", async () => {
    const { log } = await harOf(numbered(talk(1, 0.25), talk(2, 2.5)));
    expect(log).toMatchObject({ version: "1.2", creator: { name: "gw-trace", version: TOOL_VERSION } });
    expect(log.entries).toHaveLength(2);
    const [first] = log.entries;
    expect(first).toMatchObject({
      startedDateTime: "2026-11-23T12:00:00.002250Z",
      _resourceType: "websocket",
      request: { method: "GET", url: "ws://127.0.0.1:18777/", headers: expect.any(Array) },
      response: { status: 101, statusText: "Switching Protocols" },
      serverIPAddress: "127.0.0.1",
      connection: "1",
      time: 6,
      timings: { send: 0, wait: 1, receive: 5 },
      _gwTrace: {
        opened: { clientAddress: "127.0.0.1:50001", peerAddress: "100.64.0.5:50002" },
        closed: { by: "client", how: "fin" },
      },
    });
    const { _webSocketMessages: messages } = first;
    expect(messages[1]).toEqual({
      type: "receive",
      opcode: 1,
      time: 1795435200.00525,
      data: expect.stringContaining("hello-ok"),
    });
    expect(messages.at(-1)).toMatchObject({
      type: "receive",
      opcode: 8,
      data: Buffer.from("\u0003\u00f0no more", "latin1").toString("base64"),
    });
  }); // prettier-ignore

  test("connections that were open at once come one after the other, in order of arrival", async () => {
    const [first, second, third] = [talk(1, 0), talk(2, 1), talk(3, 2)];
    // The second ends first, the third is never closed, and all speak between each other.
    const mixed = [...first.slice(0, 4), ...second.slice(0, 5), ...third.slice(0, -1), ...second.slice(5), ...first.slice(4)];
    const { log } = await harOf(numbered(mixed));
    expect(log.entries.map((entry: { connection: string }) => entry.connection)).toEqual(["1", "2", "3"]);
    for (const { _webSocketMessages: messages } of log.entries) expect(messages).toHaveLength(5);
  }); // prettier-ignore

  test("what is too much to hold is refused, and what to do is said", async () => {
    const large = () => req("1", "x".repeat(55_000_000));
    const talks = [talk(1, 0).slice(0, -1), conversation({ connection: 2 }, connect(), large()), conversation({ connection: 3 }, connect(), large())];
    await expect(harOf(numbered(...talks))).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("JSON lines") });
  }); // prettier-ignore

  test("says in the comment what is missing and what was taken out", async () => {
    const gap: NewEntry = {
      kind: "gap",
      atMs: 20,
      wallMs: 20,
      connection: 0,
      reason: "the disk was too slow",
      missingEntries: 12,
      missingBytes: 1,
      untilMs: 21,
    };
    const comment = async (header: Partial<RecordingHeader>, more: readonly NewEntry[] = []) =>
      (await harOf(numbered(talk(1, 0), more), header)).log.comment;
    expect(await comment({ redaction: "off" })).toBe("Credentials are in clear.");
    expect(await comment({ redaction: "credentials", scrubbed: "identifiers" }, [gap])).toBe(
      "Credentials were taken out (<redacted:…>). Scrubbed of identifiers, too. MESSAGES ARE MISSING: 12 entries in 1 places (the disk was too slow).",
    );
  });

  test("plain calls, answers that never came, sockets without their upgrade", async () => {
    const times = { atMs: 1, wallMs: 1, connection: 1, headers: [["Host", "127.0.0.1:18777"]], redacted: false } as const;
    const call: NewEntry = { ...times, kind: "http-request", method: "POST", target: "/tools/invoke?x=1&y=" };
    const answer = (status: number): NewEntry => ({ ...times, kind: "http-response", status, reason: "" });
    const { log } = await harOf(
      numbered(
        [call, answer(100), answer(404), call],
        talk(2, 50).filter(({ kind }) => kind === "message"),
      ),
    );
    expect(log.entries).toMatchObject([
      { request: { method: "POST", url: "http://127.0.0.1:18777/tools/invoke?x=1&y=", queryString: [{ name: "x", value: "1" }, { name: "y", value: "" }] }, response: { status: 404 } },
      { request: { method: "POST" }, response: { status: 0 } },
      { comment: "its upgrade is not in the recording", response: { status: 0 }, _webSocketMessages: { length: 5 } },
    ]);
  }); // prettier-ignore

  test("bodies stand with the heads that they belong to, and what was not kept says why", async () => {
    const times = { atMs: 1, wallMs: 1, connection: 1, redacted: false } as const;
    const json = [["Content-Type", "application/json"]] as const;
    const call: NewEntry = { ...times, kind: "http-request", method: "POST", target: "/", headers: json };
    const answer: NewEntry = { ...times, kind: "http-response", status: 200, reason: "OK", headers: json };
    const body = { ...times, kind: "http-body", omitted: null } as const;
    const binary = { type: "binary", bytes: Uint8Array.of(1, 2, 255) } as const;
    const { log } = await harOf(
      numbered([
        call,
        { ...body, from: "client", content: { type: "text", text: '{"tool":"x"}' }, sizeBytes: 12 },
        answer,
        { ...body, from: "gateway", content: binary, sizeBytes: 3 },
        call,
        answer,
        { ...body, from: "gateway", content: null, omitted: "too large", sizeBytes: 9_000_000 },
      ]),
    );
    expect(log.entries).toMatchObject([
      {
        request: { bodySize: 12, postData: { mimeType: "application/json", text: '{"tool":"x"}' } },
        response: { bodySize: 3, content: { text: "AQL/", encoding: "base64" } },
      },
      {
        request: { bodySize: -1 },
        response: { bodySize: 9_000_000, content: { comment: "not kept: too large" } },
      },
    ]);
    expect(log.entries[1].request.postData).toBeUndefined();
  }); // prettier-ignore
});

describe("there and back", () => {
  /** What the import makes of an export, by connection, with whole microseconds. */
  async function back(entries: readonly Entry[], header: Partial<RecordingHeader> = {}) {
    const { entries: read, header: readHeader } = readValue(await harOf(entries, header), "x.har");
    return {
      header: readHeader,
      entries: read.map((entry) => ({ ...entry, atMs: Math.round(entry.atMs * 1000) / 1000 })),
    };
  }

  /** What was said on each connection, in order; the connections are numbered anew, so they are sorted by what was said. */
  function saidOn(entries: readonly NewEntry[]): readonly string[] {
    const connections = [...new Set(entries.map(({ connection }) => connection))];
    return connections
      .map((id) =>
        entries.flatMap((entry) =>
          entry.kind === "message" && entry.connection === id
            ? [[entry.atMs, entry.from, entry.message, entry.sizeBytes, entry.redacted]]
            : [],
        ),
      )
      .filter((messages) => messages.length > 0)
      .map((messages) => JSON.stringify(messages))
      .toSorted();
  }

  test("a conversation is the same, its times too", async () => {
    const before = numbered(talk(1, 0.125), talk(2, 3.5));
    const { header, entries } = await back(before, { localityChange: "local-becomes-remote" });
    expect(header).toMatchObject({ startedAt: HEADER.startedAt, localityChange: "local-becomes-remote" });
    // The wall clock of a HAR is that of its start.
    expect(entries).toEqual(before.map(({ entry: _entry, ...entry }) => ({ ...entry, wallMs: expect.any(Number) })));
  }); // prettier-ignore

  test("no message of any recording is lost or changed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { maxLength: 12 }), async (entries) => {
        // Of a connection that was opened after its messages only the order could be kept.
        const before = entries
          .filter(({ kind, connection }) => connection > 0 && !/^(?:opened|http-)/.test(kind))
          .toSorted((left, right) => left.atMs - right.atMs)
          .map((entry, index) => ({ ...entry, entry: index + 1 }));
        fc.pre(before.some(({ kind }) => kind === "message"));
        expect(saidOn((await back(before)).entries)).toEqual(saidOn(before));
      }),
      { numRuns: 100 },
    );
  });

  test("every kind of entry can be written", async () => {
    const { log } = await harOf(numbered(everyKind));
    expect(log.entries.flatMap((entry: { readonly comment?: string }) => entry.comment ?? [])).toEqual([
      Array.from({ length: 3 }, () => "a body of the gateway without a head").join("; "),
      "its upgrade is not in the recording; 7 bytes of the client could not be understood: RSV2 is set",
    ]);
  }); // prettier-ignore
});

/** A HAR as its writers make them, as far as the importer looks. */
function har(
  messages: readonly unknown[],
  more: { readonly entry?: object; readonly entries?: readonly object[] } = {},
): unknown {
  const socket = {
    startedDateTime: "2026-11-23T12:00:00.000Z",
    time: 5,
    request: {
      method: "GET",
      url: "ws://127.0.0.1:18789/?a=b#c",
      headers: [{ name: ":authority", value: "x" }, { name: "Host", value: "127.0.0.1:18789" }],
    },
    response: { status: 101, statusText: "Switching Protocols", headers: [] },
    timings: { send: 0, wait: 2, receive: 0, blocked: -1 },
    _resourceType: "websocket",
    _webSocketMessages: messages,
    ...more.entry,
  };
  return { log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [socket, ...(more.entries ?? [])] } };
} // prettier-ignore

const START_MS = Date.UTC(2026, 10, 23, 12);
const at = (time: number) => ({ type: "send", time, opcode: 1, data: "{}" });

describe("import", () => {
  test.each([
    ["seconds", (START_MS + 3) / 1000, (START_MS + 9) / 1000],
    ["milliseconds", START_MS + 3, START_MS + 9],
  ])("knows times in %s by themselves, and says so", (unit, first, last) => {
    const { entries, remarks } = readValue(har([at(first), at(last)]), "x.har");
    expect(entries.map(({ kind, atMs }) => [kind, Math.round(atMs * 1e3) / 1e3])).toEqual([
      ["opened", 0],
      ["http-request", 0],
      ["http-response", 2],
      ["message", 3],
      ["message", 9],
    ]);
    expect(remarks.notes).toEqual([`HAR of x 1: message times are in ${unit}`]);
  });

  test("a clock that was off, and sockets that were open for long, do not mislead it", () => {
    const year = 365 * 86_400_000;
    const cases = [[86_400_000, 1], [START_MS, 1], [START_MS, 10 * year]] as const; // prettier-ignore
    for (const [startedMs, lifeMs] of cases) {
      for (const perUnit of [1, 1000]) {
        const startedDateTime = new Date(startedMs).toISOString();
        const { entries } = readValue(
          har([at((startedMs + lifeMs) / perUnit)], { entry: { startedDateTime } }),
          "x.har",
        );
        expect(Math.round(entries.at(-1)?.atMs ?? 0)).toBe(lifeMs);
      }
    }
  });

  test("messages without a time keep their order and get that of the one before", () => {
    const { entries, remarks } = readValue(
      har([at(-1), at((START_MS + 5) / 1000), { type: "receive", data: "x" }, at(1.5)]),
      "x.har",
    );
    expect(entries.slice(3).map(({ atMs }) => Math.round(atMs))).toEqual([0, 5, 5, 5]);
    expect(remarks.notes).toContain("HAR of x 1: message times are in seconds");
    expect(readValue(har([at(-1)]), "x.har").remarks.notes).toEqual([
      "HAR of x 1: its messages have no times",
    ]);
  });

  test("opcodes are those of RFC 6455; what is not text is base64", () => {
    const frame = (opcode: number, data: string) => ({ type: "receive", time: START_MS, opcode, data });
    const { entries, remarks } = readValue(
      har([
        frame(2, "AQI="),
        frame(9, "cA=="),
        frame(10, ""),
        frame(8, "A+hieWU="),
        frame(8, ""),
        frame(3, ""),
        { type: "error", time: START_MS, opcode: -1, data: "net::ERR" },
        { time: 1 },
      ]),
      "x.har",
    );
    expect(entries.slice(3)).toMatchObject([
      { message: { type: "binary", bytes: Uint8Array.of(1, 2) }, sizeBytes: 2, from: "gateway" },
      { message: { type: "ping", bytes: Uint8Array.of(0x70) } },
      { message: { type: "pong" }, sizeBytes: 0 },
      { message: { type: "close", code: 1000, reason: "bye" }, sizeBytes: 5 },
      { message: { type: "close", code: null, reason: "" } },
    ]);
    expect(remarks.problems).toEqual([
      "ws://127.0.0.1:18789/?a=b#c, message 6: opcode 3 is not known",
      "ws://127.0.0.1:18789/?a=b#c, message 7: an error of the socket, not a message",
      "ws://127.0.0.1:18789/?a=b#c, message 8: neither sent nor received",
    ]);
  }); // prettier-ignore

  test("calls on the host of a socket stay, others and cached ones do not; connections are guessed", () => {
    // Chrome writes the port of the server as `connection`, whichever connection it was.
    const call = (url: string, atSecond: number, time: number, more: object = {}) => ({
      startedDateTime: `2026-11-23T11:59:0${atSecond}.000Z`,
      time,
      connection: "18789",
      request: { method: "GET", url, headers: [] },
      response: { status: 200, statusText: "OK", headers: [], ...more },
    });
    const { entries, header, remarks } = readValue(
      har([at(START_MS)], {
        entry: { connection: "18789", serverIPAddress: "::1" },
        entries: [
          call("http://127.0.0.1:18789/c", 5, 10),
          call("http://127.0.0.1:18789/a", 1, 3000),
          call("http://127.0.0.1:18789/b", 2, 1000),
          call("http://127.0.0.1:18789/d", 3, 0, { _transferSize: 0 }),
          call("https://elsewhere.example/e", 4, 0),
          { startedDateTime: "soon" },
        ],
      }),
      "x.har",
    );
    expect(header).toMatchObject({
      source: "import",
      startedAt: "2026-11-23T11:59:01.000Z",
      upstream: "ws://127.0.0.1:18789",
    });
    const requests = entries.flatMap((entry) => (entry.kind === "http-request" ? [entry] : []));
    expect(requests.map(({ connection, target }) => [connection, target])).toEqual([
      [1, "/a"],
      [2, "/b"],
      [1, "/c"],
      [3, "/?a=b"],
    ]);
    expect(requests.at(-1)?.headers).toEqual([["Host", "127.0.0.1:18789"]]);
    const opened = entries.filter(({ kind }) => kind === "opened");
    expect(opened).toHaveLength(3);
    expect(opened.at(-1)).toMatchObject({ gatewayAddress: "[::1]:18789", peerAddress: null });
    expect(remarks.skipped).toBe(1);
    expect(remarks.problems).toEqual(["entry 7: it has no request with a method and a url"]);
    expect(remarks.notes).toEqual([
      "1 call to hosts without a WebSocket left out",
      "1 call that a browser answered itself left out",
      "on which connection a plain HTTP call was is not known: guessed",
      "HAR of x 1: message times are in milliseconds",
    ]);
  });

  test("what mitmproxy writes besides: microseconds, and no times for what did not happen", () => {
    const timings = { connect: null, ssl: null, send: 0.4, receive: 0.2, wait: 1.1 };
    const { entries, remarks } = readValue(
      har([at(START_MS / 1000 + 0.002123)], {
        entry: { startedDateTime: "2026-11-23T12:00:00.000250+00:00", timings },
      }),
      "x.har",
    );
    const { entries: told } = { entries: entries.map(({ kind, atMs }) => [kind, Math.round(atMs * 1e3)]) };
    expect(told).toEqual([["opened", 250], ["http-request", 250], ["http-response", 1750], ["message", 2123]]);
    expect(remarks.notes).toEqual(["HAR of x 1: message times are in seconds"]);
  }); // prettier-ignore

  test.each([
    ["no object", [], "it has no log with entries"],
    ["no entries", { log: { entries: [] } }, "no entry in it makes sense"],
    ["none that makes sense", { log: { entries: [{}, 1, null] } }, "no entry in it makes sense"],
  ])("%s is one clear error", (_, value, why) => {
    expect(() => readValue(value, "x.har")).toThrow(`x.har is not a HAR: ${why}`);
  });

  test("whatever stands in a HAR, it never throws but for that", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: fc.anything(), time: fc.anything(), opcode: fc.anything(), data: fc.anything() }, { requiredKeys: [] })),
        fc.dictionary(fc.constantFrom("startedDateTime", "request", "response", "timings", "connection", "serverIPAddress", "_gwTrace", "_resourceType"), fc.anything()),
        (messages, entry) => {
          const { entries } = readValue(har(messages, { entries: [{ ...entry }], entry: {} }), "x.har");
          expect(entries.every(({ atMs }) => Number.isFinite(atMs))).toBe(true);
        },
      ),
    );
  }); // prettier-ignore
});
