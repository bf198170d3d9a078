import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHar } from "../../../src/exchange/har/import.ts";
import type { ReadBytes } from "../../../src/exchange/har/byte-places.ts";
import { readHar } from "../../../src/exchange/har/read.ts";

const START_MS = Date.UTC(2026, 10, 23, 12);

/** A file in memory, read so many bytes at a time. */
function fileOf(content: string | Uint8Array, chunkBytes = 7): ReadBytes {
  const bytes = Buffer.from(content);
  // eslint-disable-next-line require-await
  return async function* (start, end = bytes.length) {
    const until = Math.min(end, bytes.length);
    for (let at = start; at < until; at += chunkBytes)
      yield bytes.subarray(at, Math.min(until, at + chunkBytes));
  };
}

/** All that comes of a HAR, or why nothing does. */
async function outcomeOf(read: () => ReturnType<typeof readHar> | ReturnType<typeof parseHar>) {
  try {
    const { header, entries, remarks } = await read();
    const all = [];
    for await (const entry of entries) all.push(entry);
    const { skipped, problems, notes } = remarks;
    return { header, entries: all, skipped, problems, notes };
  } catch (error) {
    return String(error);
  }
}

/** The same, without how it is said that something is no JSON. */
function withoutWhy<T>(outcome: T | string): T | string {
  if (typeof outcome !== "string") return outcome;
  return outcome.replace(
    /^SyntaxError: .*|^GwTraceError: x\.har is not a HAR: (?:unexpected .*|it ends in the middle)$/s,
    "no JSON",
  );
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"}],{"', "\\u0041", "é😀", "[["),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((ms) => (START_MS + ms) / 1000),
  fc.constantFrom(-1, 0, 1e300, "soon", null),
);
const message = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom("send", "receive"), time, opcode: fc.constantFrom(1, 1, 1, 2, 8, 9), data: text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("send", "error", 1), opcode: fc.constantFrom(1, 77), more: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.jsonValue() },
); // prettier-ignore

/** An entry as its writers make them, but for what is wrong with it; fields may come in any order. */
const entry = fc
  .record(
    {
      startedDateTime: fc.oneof(
        fc.integer({ min: 0, max: 300 }).map((ms) => new Date(START_MS + ms).toISOString()),
        fc.constant("no time"),
      ),
      time: fc.integer({ min: 0, max: 90 }),
      request: fc.record({
        method: fc.constant("GET"),
        url: fc.constantFrom("ws://h:1/", "ws://h:1/?a", "http://h:1/x", "http://other/"),
      }),
      response: fc.record({ status: fc.constantFrom(101, 200, 0), content: fc.record({ text }) }),
      connection: fc.constantFrom("1", "2"),
      _gwTrace: fc.record({ closed: fc.record({ time: fc.constant(START_MS / 1000 + 1), by: fc.constant("client"), how: fc.constant("fin") }) }),
      _webSocketMessages: fc.oneof({ weight: 5, arbitrary: fc.array(message) }, { weight: 1, arbitrary: fc.jsonValue() }),
    },
    { requiredKeys: ["request", "response"] },
  )
  .chain((fields) => fc.shuffledSubarray(Object.entries(fields), { minLength: Object.keys(fields).length }))
  .map((fields) => Object.fromEntries(fields)); // prettier-ignore

const har = fc.record({
  log: fc.record(
    {
      creator: fc.constant({ name: "x", version: "1" }),
      comment: text,
      entries: fc.array(fc.oneof({ weight: 8, arbitrary: entry }, { weight: 1, arbitrary: fc.jsonValue() })),
      pages: fc.jsonValue(),
    },
    { requiredKeys: ["entries"] },
  ),
}); // prettier-ignore

test("a HAR that is read in pieces is the one that is read at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: har }, { weight: 1, arbitrary: fc.jsonValue() }),
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(undefined, 1),
      async (value, chunkBytes, indent) => {
        const json = JSON.stringify(value, null, indent);
        expect(await outcomeOf(() => readHar(fileOf(json, chunkBytes), "x.har"))).toEqual(
          await outcomeOf(() => parseHar(JSON.parse(json), "x.har")),
        );
      },
    ),
    { numRuns: 300 },
  );
});

const SOCKET = `"startedDateTime":"2026-11-23T12:00:00Z","request":{"method":"GET","url":"ws://h:1/"},"response":{}`;
const said = (data: string, seconds = START_MS / 1000) =>
  `{"type":"send","time":${seconds},"opcode":1,"data":"${data}"}`;

test.each([
  ["a field twice", `{"log":{"entries":[{"_webSocketMessages":[${said("a")}],${SOCKET},"_webSocketMessages":[${said("b")}]}]}}`],
  ["messages, then none", `{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${said("a")}],"_webSocketMessages":null}]}}`],
  ["entries twice", `{"log":{"entries":[1,2,{}],"entries":[{${SOCKET},"_webSocketMessages":[${said("b")}]}]}}`],
  ["entries elsewhere", `{"entries":[[{}]],"log":{"x":{"entries":[1]},"entries":[{${SOCKET},"_webSocketMessages":[{"_webSocketMessages":[1]},${said("b")}]}],"y":[[[["_webSocketMessages"]]]]}}`],
  ["lists in place of entries", `{"log":{"entries":[[[[1]]],["_webSocketMessages",[2]],{${SOCKET},"_webSocketMessages":[[[1]],${said("b")}]}]}}`],
  ["a byte order mark", `\uFEFF{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${said("b")}]}]}}`],
  ["a prototype", `{"log":{"entries":[{"__proto__":{"time":1},${SOCKET},"_webSocketMessages":[{"__proto__":{"type":"send"}},${said("b")}]}]}}`],
])("%s counts as for JSON.parse", async (_, json) => {
  const whole = await outcomeOf(() => parseHar(JSON.parse(json.replace("\uFEFF", "")), "x.har"));
  expect(whole).toHaveProperty("entries");
  for (const chunkBytes of [1, 10_000])
    expect(await outcomeOf(() => readHar(fileOf(json, chunkBytes), "x.har"))).toEqual(whole);
}); // prettier-ignore

describe("what is no JSON is one clear error", () => {
  const WHOLE = `{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${said("a")}]}]}}`;

  test("cut anywhere", async () => {
    for (let end = 0; end < WHOLE.length; end++)
      await expect(readHar(fileOf(WHOLE.slice(0, end)), "x.har")).rejects.toMatchObject({
        code: "NOT_A_RECORDING",
        message: "x.har is not a HAR: it ends in the middle",
        hint: expect.stringContaining("damaged or cut"),
      });
  });

  test.each([
    ["a wrong character", `{"log":{"entries":[x]}}`, 'unexpected "x" at byte 19, where JSON has something else'],
    ["more after its end", `${WHOLE} []`, `unexpected "[" at byte ${WHOLE.length + 1}, where JSON has something else`],
    ["a bracket that closes another", `{"log":{"entries":[{]}}`, 'unexpected "]" at byte 20, where JSON has something else'],
    ["a comma too many", `{"log":{"entries":[1,,2]}}`, 'unexpected "," at byte 21, where JSON has something else'],
    ["no comma", `{"log":{"entries":[{"_webSocketMessages":[1 2]}]}}`, 'unexpected "2" at byte 44, where JSON has something else'],
    ["no colon", `{"log" {}}`, 'unexpected "{" at byte 7, where JSON has something else'],
  ])("%s", async (_, json, why) => {
    for (const chunkBytes of [1, 10_000])
      await expect(readHar(fileOf(json, chunkBytes), "x.har")).rejects.toMatchObject({
        code: "NOT_A_RECORDING",
        message: `x.har is not a HAR: ${why}`,
      });
  }); // prettier-ignore

  test("whatever byte of it is another, it is the one or the other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(WHOLE.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(WHOLE);
        bytes[at] = byte;
        const read = await outcomeOf(() => readHar(fileOf(bytes), "x.har"));
        const whole = await outcomeOf(() => parseHar(JSON.parse(bytes.toString()), "x.har"));
        expect(withoutWhy(read)).toEqual(withoutWhy(whole));
      }),
      { numRuns: 1000 },
    );
  });
});

test("bytes that are no UTF-8 count as the character that stands for such", async () => {
  const json = `{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${said("a?")},${said("b")}]}]}}`;
  const bytes = Buffer.from(json);
  bytes[json.indexOf("?")] = 0xff;
  expect(await outcomeOf(() => readHar(fileOf(bytes), "x.har"))).toEqual(
    await outcomeOf(() => parseHar(JSON.parse(bytes.toString()), "x.har")),
  );
});

test("messages are read as their time comes, and no more than is asked for", async () => {
  const socket = (second: number) =>
    `{"startedDateTime":"2026-11-23T12:00:0${second}Z","request":{"method":"GET","url":"ws://h:1/"},"response":{},
      "_webSocketMessages":[${said("x".repeat(5000), START_MS / 1000 + second)}]}`;
  const json = `{"log":{"entries":[${[3, 1, 2].map(socket).join()}]}}`;
  const read: number[] = [];
  const file = fileOf(json, 100);
  const { entries } = await readHar((start, end) => {
    read.push(start);
    return file(start, end);
  }, "x.har");
  const counts: number[] = [];
  for await (const { kind } of entries) if (kind === "message") counts.push(read.length);
  // How it begins, once all of it, and then each socket's messages, in order of time.
  expect(counts).toEqual([3, 4, 5]);
  const places = [3, 1, 2].map((second) => json.indexOf(said("x".repeat(5000), START_MS / 1000 + second)));
  expect(read.slice(1)).toEqual([0, places[1], places[2], places[0]]);
}); // prettier-ignore

test.each([
  ["other", '"'],
  ["shorter", ""],
])("a file that is %s by the time its messages are read is told", async (_, data) => {
  const json = (inside: string) => `{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${said(inside)}]}]}}`;
  let file = fileOf(json("a"));
  const { entries } = await readHar((start, end) => file(start, end), "x.har");
  file = fileOf(data === "" ? data : json(data));
  const readOn = async () => {
    for await (const { kind } of entries) expect(kind).not.toBe("message");
  };
  await expect(readOn()).rejects.toMatchObject({
    code: "NOT_A_RECORDING",
    message: "x.har has changed while it was read",
  });
}); // prettier-ignore
