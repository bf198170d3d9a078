import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonLines, renderJsonLines } from "../../../src/exchange/json-lines/recording.ts";
import { splitLines } from "../../../src/exchange/json-lines/split-lines.ts";
import { tellHoles } from "../../../src/recording/holes.ts";
import type { Entry, NewEntry, NewRecordingHeader } from "../../../src/recording/entry.ts";
import { openRecording, openRecordingBytes } from "../../../src/recording/reader.ts";
import { createRecording } from "../../../src/recorder/writer.ts";
import { readFile } from "node:fs/promises";
import { everyKind, readAll, sampleHeader, temporaryFolder } from "../../recording/sample.ts";
import { anyEntry, anyHeader } from "../any-recording.ts";

let made = 0;

async function write(
  folder: string,
  header: NewRecordingHeader,
  entries: Iterable<NewEntry> | AsyncIterable<NewEntry>,
): Promise<string> {
  const path = join(folder, `${made++}.gwtrace`);
  const writer = await createRecording(path, header);
  for await (const entry of entries) writer.append(entry);
  await writer.close();
  return path;
}

async function exported(path: string): Promise<string> {
  await using reader = await openRecording(path);
  const readEnd = () => ({ complete: reader.complete, missing: reader.missing });
  let text = "";
  for await (const piece of renderJsonLines(reader.header, tellHoles(reader.entries()), readEnd))
    text += piece;
  return text;
}

async function* inPieces(text: string, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function imported(text: string, pieceBytes = 1 << 16) {
  const { header, entries, remarks } = await readJsonLines(
    splitLines(inPieces(text, pieceBytes)),
    "x.jsonl",
  );
  const read: NewEntry[] = [];
  for await (const entry of entries) read.push(entry);
  const { skipped, problems, notes } = remarks;
  return { header, entries: read, skipped, problems, notes };
}

/** All that a reader tells: what is missing, too, since gaps leave holes in the numbers. */
async function contentOf(path: string): Promise<unknown> {
  await using reader = await openRecording(path);
  const entries = await readAll(reader);
  return { header: reader.header, entries, missing: reader.missing, complete: reader.complete };
}

test("export, then import gives an equal recording, whatever it holds and however it arrives", async () => {
  const folder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(
      anyHeader,
      fc.array(anyEntry, { maxLength: 12 }),
      fc.integer({ min: 1, max: 300 }),
      async (header, entries, pieceBytes) => {
        const before = await write(folder, header, entries);
        const text = await exported(before);
        const { header: read, entries: lines, ...remarks } = await imported(text, pieceBytes);
        expect(remarks).toMatchObject({ skipped: 0, problems: [] });
        const after = await write(folder, read, lines);
        expect(await contentOf(after)).toEqual(await contentOf(before));
      },
    ),
    { numRuns: 150 },
  );
});

test("a second export is the first, byte for byte", async () => {
  const folder = await temporaryFolder();
  const text = await exported(await write(folder, sampleHeader, everyKind));
  const { header, entries } = await imported(text);
  expect(await exported(await write(folder, header, entries))).toBe(text);
});

test("each line is an object with its kind; frames can be looked into, bytes are base64", async () => {
  const folder = await temporaryFolder();
  const text = await exported(await write(folder, sampleHeader, everyKind));
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line)); // prettier-ignore
  expect(lines.map(({ kind }) => kind)).toEqual([
    "header",
    ...everyKind.map(({ kind }) => kind),
    "end",
  ]);
  expect(lines[0]).toMatchObject({ formatVersion: 1, source: "tap", redaction: "off" });
  expect(lines.at(-1)).toEqual({
    kind: "end",
    entries: everyKind.length,
    complete: true,
    missing: [],
  });
  const messages = lines.filter(({ kind }) => kind === "message");
  expect(messages[0]).toMatchObject({
    type: "text",
    from: "client",
    text: expect.stringContaining("é"),
  });
  expect(messages.find(({ type }) => type === "ping")).toMatchObject({ base64: "AP8B" });
  expect(messages.at(-1)).toMatchObject({ type: "close", code: 1008, reason: "no" });
});

describe("what is wrong with the input", () => {
  const header =
    '{"kind":"header","formatVersion":1,"toolVersion":"1","source":"tap","startedAt":"2026-11-23T03:10:21.000Z","upstream":null,"listen":null,"redaction":"off","replayOf":[]}';
  const ping =
    '{"kind":"message","atMs":5,"wallMs":6,"connection":1,"from":"client","sizeBytes":1,"redacted":false,"type":"ping","base64":"AA=="}';
  const end = '{"kind":"end","entries":1,"complete":true,"missing":[]}'; // prettier-ignore

  test("a cut last line is left out and told, and a gap says that the end is missing", async () => {
    const read = await imported(`${header}\n${ping}\n${ping.slice(0, 50)}`);
    expect(read).toMatchObject({ skipped: 0, problems: [] });
    expect(read.notes).toEqual([
      "line 3 was cut off and is left out",
      "it has no end: what came after is not known",
    ]);
    expect(read.entries).toMatchObject([
      { kind: "message" },
      { kind: "gap", atMs: 5, missingEntries: 0 },
    ]);
  });

  test.each([
    ["not JSON", "{", "it is not JSON"],
    ["no entry", "[]", "it is wrong"],
    ["an unknown kind", '{"kind":"flood"}', "kind is wrong"],
    ["no time", ping.replace('"atMs":5,', ""), "atMs is wrong"],
    ["a time beyond all", ping.replace('"atMs":5', '"atMs":1e300'), "atMs is wrong"],
    ["no base64", ping.replace("AA==", "AA=?"), "base64 is wrong (no base64)"],
    ["no content", ping.replace(',"base64":"AA=="', ""), "a ping message without its content"],
  ])("a line with %s is named, and a gap stands there", async (_, line, why) => {
    const read = await imported(`${header}\n${ping}\n${line}\n\n${ping}\n${end}\n`);
    expect(read).toMatchObject({ skipped: 1, notes: [] });
    expect(read.problems[0]).toContain(`line 3: ${why}`);
    expect(read.entries.map(({ kind }) => kind)).toEqual(["message", "gap", "message"]);
    expect(read.entries[1]).toMatchObject({ missingEntries: 1, reason: expect.stringContaining("line 3") });
  }); // prettier-ignore

  test("what stands after the end is left out", async () => {
    const read = await imported(`${header}\n${end}\n${ping}\n`);
    expect(read.problems).toEqual(["line 3: it stands after the end"]);
  });

  test.each([
    ["nothing", ""],
    ["an entry first", `${ping}\n${header}`],
    ["a header that is none", '{"kind":"header"}'],
  ])("%s is one clear error that names the line", async (_, text) => {
    await expect(imported(text)).rejects.toMatchObject({
      code: "NOT_A_RECORDING",
      message: "x.jsonl is not a recording in JSON lines: line 1 is not its header",
    });
  });

  test("a later format is told apart", async () => {
    const later = header.replace('"formatVersion":1', '"formatVersion":7');
    await expect(imported(later)).rejects.toMatchObject({ code: "RECORDING_FROM_THE_FUTURE" });
  });
});

test("a damaged recording has a gap where the damage was, and its end says so", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "long.gwtrace");
  const writer = await createRecording(path, sampleHeader);
  for (const entry of everyKind) {
    writer.append(entry);
    await writer.flush();
  }
  await writer.close();
  const bytes = await readFile(path);
  // One of the blocks in the middle: its payload begins after the marker and the rest of 60 bytes.
  const marker = Buffer.from("ff475742", "hex");
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) places.push(at);
  bytes.fill(0, (places[6] ?? 0) + 62, (places[6] ?? 0) + 66);
  await using reader = await openRecordingBytes(bytes, "damaged");
  const entries: Entry[] = [];
  for await (const entry of tellHoles(reader.entries())) entries.push(entry);
  const lost = everyKind.length - (entries.length - 1);
  expect(lost).toBeGreaterThan(0);
  expect(entries.filter(({ kind }) => kind === "gap")).toMatchObject([
    { missingEntries: lost, connection: 0, reason: "the file is damaged here" },
  ]);
});

test("lines longer than any message are passed over without being held", async () => {
  const lines = [];
  for await (const line of splitLines(inPieces(`a\n${"b".repeat(50)}\nc`, 7), 20)) lines.push(line);
  expect(lines).toEqual([
    { text: "a", number: 1, isEnded: true },
    { text: null, number: 2, isEnded: true },
    { text: "c", number: 3, isEnded: false },
  ]);
});
