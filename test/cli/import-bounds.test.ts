import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { tcpCapture } from "../support/packets.ts";
import { MAX_COMMAND_BYTES, runCliBounded } from "../support/run-cli.ts";

const START = "2026-11-23T12:00:00Z";
const START_S = Date.parse(START) / 1000;
const SOCKET = `"startedDateTime":"${START}","request":{"method":"GET","url":"ws://h:1/"},"response":{"status":101}`;
const CALL = `{"startedDateTime":"${START}","time":9,"request":{"method":"GET","url":"http://h:1/"},"response":{"status":200}}`;

const repeat = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join();
const har = (entries: string): string => `{"log":{"entries":[${entries}]}}`;
const socket = (messages: string): string => har(`{${SOCKET},"_webSocketMessages":[${messages}]}`);
const said = (data: string): string =>
  `{"type":"send","time":${START_S},"opcode":1,"data":"${data}"}`;
const pairs = (count: number): string =>
  repeat(count, (index) => `{"name":"a${index}","value":"b"}`);

const HEADER = `{"kind":"header","formatVersion":1,"toolVersion":"1","source":"tap","startedAt":"${START}","upstream":null,"listen":null,"redaction":"off","replayOf":[]}`;
const END = '{"kind":"end","entries":1,"complete":true,"missing":[]}';
const message = (content: string): string =>
  `{"kind":"message","atMs":1,"wallMs":1,"connection":1,"from":"client","type":"text",${content},"sizeBytes":1,"redacted":false}`;
const request = (headers: string): string =>
  `{"kind":"http-request","atMs":1,"wallMs":1,"connection":1,"method":"GET","target":"/","headers":[${headers}],"redacted":false}`;
const lines = (...between: readonly string[]): string => [HEADER, ...between, END, ""].join("\n");

interface Case {
  readonly name: string;
  readonly make: () => string | Buffer;
  /** What is said on stderr; with code 2 when it is refused. */
  readonly says: string;
  readonly refused?: true;
}

/** What is large in one way or another; each is refused in one line, or read, what cannot be used being named. */
const CASES: readonly Case[] = [
  { name: "a HAR with 500,000 headers", make: () => har(`{${SOCKET.replace('"GET"', `"GET","headers":[${pairs(500_000)}]`)}}`), says: "headers are larger than any that are recorded", refused: true },
  { name: "a HAR with 3,000,000 empty messages", make: () => socket(repeat(3_000_000, () => "{}")), says: "is too large to import: it would take", refused: true },
  { name: "a HAR with 2,000,000 messages that are numbers", make: () => socket(repeat(2_000_000, () => "0")), says: "2,000,000 parts skipped" },
  { name: "a HAR with 100,000 calls at once", make: () => har(repeat(100_000, () => CALL)), says: "imported 100,000 connections" },
  { name: "a HAR with 300,000 messages", make: () => socket(repeat(300_000, () => said("{}"))), says: "imported 1 connection, 300,003 entries" },
  { name: "a HAR with one text of 90 MB", make: () => socket(said("x".repeat(90_000_000))), says: "NOT IN IT: 1 entries" },
  { name: "a HAR with texts of 2 MB of quotes", make: () => socket(repeat(20, () => said('\\"'.repeat(1_000_000)))), says: "imported 1 connection, 23 entries" },
  { name: "a HAR of more than 100 MB", make: () => socket(said("x".repeat(101_000_000))), says: "is too large to import: it has more than 100.0 MB", refused: true },
  { name: "a HAR with times of 1e308", make: () => socket([1, 2].map(() => said("{}").replace(String(START_S), "1e308")).join()), says: "message times that cannot be true are left out" },
  { name: "JSON lines with 500,000 headers", make: () => lines(request(repeat(500_000, () => '["a","b"]'))), says: "headers is wrong" },
  { name: "JSON lines with 2,000,000 headers that are numbers", make: () => lines(request(repeat(2_000_000, () => "0"))), says: "line 2: it is too large" },
  { name: "JSON lines with a frame of 8,000,000 objects", make: () => lines(message(`"frame":{"a":[${"{},".repeat(8_000_000)}0]}`)), says: "line 2: it is too large" },
  { name: "JSON lines with a line of 100 MB", make: () => lines(message(`"text":"${"x".repeat(100_000_000)}"`)), says: "line 2: it is too large" },
  { name: "JSON lines with 300,000 lines that make no sense", make: () => lines("0\n".repeat(300_000)), says: "300,000 lines skipped" },
  { name: "JSON lines with 20,000,000 empty ones", make: () => lines("\n".repeat(20_000_000)), says: "imported 0 connections" },
  { name: "JSON lines that miss a million things", make: () => `${HEADER}\n${END.replace("[]", `[${repeat(1_000_000, String)}]`)}\n`, says: "the recording that it was made of: 0" },
  { name: "JSON lines with a time of 1e308", make: () => lines(message('"text":"x"').replace('"atMs":1', '"atMs":1e308')), says: "atMs is wrong" },
  { name: "a packet capture of 100,000 connections", make: () => tcpCapture({ connections: 100_000 }), says: "is too large to import: it holds too many connections", refused: true },
  { name: "a packet capture of 5,000,000 messages", make: () => tcpCapture({ text: "test".repeat(5_000_000), segmentBytes: 1000, perMessage: 4 }), says: "is too large to import: it holds too many messages", refused: true },
]; // prettier-ignore

test.each(CASES)(
  "$name ends within bounds",
  async ({ make, says, refused }) => {
    const folder = await temporaryFolder();
    const input = join(folder, "input");
    const output = join(folder, "out.gwtrace");
    await writeFile(input, make());
    const { code, stderr, peakBytes } = await runCliBounded(["import", input, "-o", output]);
    expect(stderr).toContain(says);
    expect(stderr.length).toBeLessThan(20_000);
    expect(code).toBe(refused === true ? 2 : 0);
    expect(peakBytes).toBeLessThan(MAX_COMMAND_BYTES);
    if (refused === true) return;
    await using reader = await openRecording(output);
    expect(reader.complete).toBe(true);
  },
  120_000,
);

const SAID = "what a Gateway said ".repeat(6000);

test.each(["reversed", "shuffled", "repeated"] as const)(
  "a packet capture of 7 MB whose packets are %s is read rightly",
  async (order) => {
    const folder = await temporaryFolder();
    const [input, output] = [join(folder, "lo.pcap"), join(folder, "out.gwtrace")];
    const capture = tcpCapture({ text: SAID, segmentBytes: 1, order });
    expect(capture.length).toBeGreaterThan(6_500_000);
    await writeFile(input, capture);
    const { code, peakBytes } = await runCliBounded(["import", input, "-o", output]);
    expect(code).toBe(0);
    expect(peakBytes).toBeLessThan(MAX_COMMAND_BYTES);
    await using reader = await openRecording(output);
    const texts = (await readAll(reader)).flatMap((entry) =>
      entry.kind === "message" && entry.message.type === "text" ? [entry.message.text] : [],
    );
    expect(texts.join("")).toBe(SAID);
  },
  120_000,
);
