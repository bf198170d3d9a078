import { describe, expect, test } from "vitest";
import { parseHar } from "../../../src/exchange/har/import.ts";

const START_MS = Date.UTC(2026, 10, 23, 12);
const SOCKET = `"startedDateTime":"2026-11-23T12:00:00Z","request":{"method":"GET","url":"ws://h:1/"},"response":{}`;
const said = (data: string, seconds: number | string = START_MS / 1000) =>
  `{"type":"send","time":${seconds},"opcode":1,"data":"${data}"}`;
const har = (...messages: readonly string[]) =>
  `{"log":{"entries":[{${SOCKET},"_webSocketMessages":[${messages.join()}]}]}}`;

test.each([
  ["a field twice", `{"log":{"entries":[{"_webSocketMessages":[${said("a")}],${SOCKET},"_webSocketMessages":[${said("b")}]}]}}`],
  ["entries twice", `{"log":{"entries":[1,2,{}],"entries":[{${SOCKET},"_webSocketMessages":[${said("b")}]}]}}`],
  ["a byte order mark", `\uFEFF${har(said("b"))}`],
  ["a prototype", `{"log":{"entries":[{"__proto__":{"time":1},${SOCKET},"_webSocketMessages":[{"__proto__":{"type":"send"}},${said("b")}]}]}}`],
])("%s counts as for JSON.parse", (_, json) => {
  const texts = parseHar(json, "x.har").entries.flatMap((entry) =>
    entry.kind === "message" && entry.message.type === "text" ? [entry.message.text] : [],
  );
  expect(texts).toEqual(["b"]);
}); // prettier-ignore

describe("what is no JSON is one clear error", () => {
  const WHOLE = har(said("a"));

  test("cut anywhere", () => {
    for (let end = 1; end < WHOLE.length; end++)
      expect(() => parseHar(WHOLE.slice(0, end), "x.har")).toThrow(
        /^x\.har is not a HAR: it (ends in the middle|is not JSON)/,
      );
  });

  test("it says where, and nothing of what stands there", () => {
    const damaged = WHOLE.replace('"data"', '"a-secret-token" "data"');
    expect(() => parseHar(damaged, "x.har")).toThrow(
      `x.har is not a HAR: it is not JSON at character ${damaged.indexOf('"data"') + 1}`,
    );
  });
});

describe("times that no clock shows", () => {
  const unrecordable = (json: string) =>
    parseHar(json, "x.har").entries.filter(
      ({ atMs, wallMs }) =>
        !Number.isSafeInteger(Math.round(atMs * 1000)) ||
        !Number.isSafeInteger(Math.round(wallMs * 1000)),
    );

  test.each(["1e308", "1e15", "9e99"])("a message at %s stands at the time of the one before", (time) => {
    const json = har(said("a"), said("b", time), said("c", time));
    expect(unrecordable(json)).toEqual([]);
    expect(parseHar(json, "x.har").remarks.notes).toContainEqual(expect.stringContaining("message times that cannot be true"));
  }); // prettier-ignore

  test.each([
    `"time":1e308`,
    `"timings":{"wait":1e308,"dns":1e308}`,
    `"_gwTrace":{"opened":{"time":1e308},"closed":{"time":-1e308,"by":"client","how":"fin"}}`,
  ])("an entry with %s", (field) => {
    const more = `"response":{"status":101},"connection":"1",${field}`;
    expect(unrecordable(har(said("a")).replace(`"response":{}`, more))).toEqual([]);
  });

  test("an entry that began then is left out, and so is the start of the recording", () => {
    const at = (instant: string) => har(said("a")).replace("2026-11-23T12:00:00Z", instant);
    for (const instant of ["+275760-09-13T00:00:00Z", "9999-12-31T00:00:00Z", "-271821-04-20T00:00:00Z"])
      expect(() => parseHar(at(instant), "x.har")).toThrow(`startedDateTime ${instant} is no time`);
    const header = { formatVersion: 1, toolVersion: "1", source: "tap", startedAt: "+275760-09-13T00:00:00Z", upstream: null, listen: null, redaction: "off", replayOf: [], assumedPeer: null };
    const json = har(said("a")).replace('{"log":{', `{"log":{"_gwTrace":${JSON.stringify(header)},`);
    expect(unrecordable(json)).toEqual([]);
  }); // prettier-ignore
});

describe("what would take too much memory is refused before it is parsed", () => {
  const refused = /^x\.har is too large to import: it would take \d+\.\d MB of memory$/;

  test.each(["{}", "[]", "0", '""', '{"type":"send"}'])("very many of %s", (item) => {
    const items = `${item},`.repeat(5_000_000);
    expect(() => parseHar(har(`${items}${item}`), "x.har")).toThrow(refused);
  });

  test("one long text is not taken for many values", () => {
    const text = "[{,".repeat(2_000_000);
    expect(parseHar(har(said(text)), "x.har").entries).toHaveLength(3);
  });
});

test("an entry with more headers than are ever recorded is left out, and the reason told", () => {
  const headers = JSON.stringify(
    Array.from({ length: 500_000 }, (_, index) => ({ name: `a${index}`, value: "b" })),
  );
  const one = har(said("a")).replace('"GET"', `"GET","headers":${headers}`);
  const why = "entry 1: its headers are larger than any that are recorded";
  expect(() => parseHar(one, "x.har")).toThrow(why);
  const both = one.replace('"entries":[', `"entries":[{${SOCKET},"_webSocketMessages":[${said("b")}]},`);
  const { entries, remarks } = parseHar(both, "x.har");
  expect(entries.filter(({ kind }) => kind === "message")).toHaveLength(1);
  expect(remarks.problems).toEqual([why.replace("1", "2")]);
}); // prettier-ignore
