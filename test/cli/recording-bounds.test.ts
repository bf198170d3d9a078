import { deflateRawSync } from "node:zlib";
import { cp, writeFile } from "node:fs/promises";
import path, { join } from "node:path";
import { expect, test } from "vitest";
import { encodeValue } from "../../src/recording/msgpack.ts";
import { temporaryFolder } from "../recording/sample.ts";
import {
  forgeBlock,
  forgeDeflated,
  forgeEntries,
  FORGED_HEADER,
  forgeOpening,
  forgeRecording,
  forgeText,
} from "../support/forged.ts";
import { MAX_COMMAND_BYTES, runCliBounded } from "../support/run-cli.ts";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings/scope-upgrade.gwtrace");

const repeat = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join();
const event = (payload: string): string => `{"type":"event","event":"x","payload":${payload}}`;
const said = (payload: string): Buffer =>
  forgeRecording(forgeEntries([...forgeOpening(), forgeText("gateway", event(payload))]));

/** A list of so many values that take one byte each. */
function counted(count: number, value: number): Buffer {
  const payload = Buffer.alloc(5 + count, value);
  payload[0] = 0xdd;
  payload.writeUInt32BE(count, 1);
  return forgeRecording(forgeDeflated({ entryCount: count }, payload));
}

/** Texts that stand beside the tuples, in the former codec 2. */
function aside(textsBytes: number): Buffer {
  const tuples = encodeValue([
    [3, 1000, 1000, 1, false, 1, textsBytes, 0, null, textsBytes, [2, 0, "x", 1]],
  ]);
  const stored = deflateRawSync(tuples);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(stored.length, 0);
  lengths.writeUInt32LE(tuples.length, 4);
  const texts = deflateRawSync(Buffer.alloc(textsBytes, "["), { level: 9 });
  const facts = { codec: "texts-aside", inflatedBytes: tuples.length + textsBytes } as const;
  return forgeRecording(forgeBlock(facts, Buffer.concat([lengths, stored, texts])));
}

function manyScopes(count: number): Buffer {
  const scopes = `[${repeat(count, (index) => `"operator.s${index}"`)}]`;
  const connect = `{"type":"req","id":"1","method":"connect","params":{"scopes":${scopes}}}`;
  const hello = `{"type":"res","id":"1","ok":true,"payload":{"type":"hello-ok","auth":{"scopes":${scopes}}}}`;
  const tuples = [forgeText("client", connect), forgeText("gateway", hello)];
  return forgeRecording(forgeEntries([...forgeOpening(), ...tuples]));
}

/** An index that names one block again and again, and another such before it, and so on. */
function indexes(pages: number, rows: number): Buffer {
  const entries = forgeEntries(forgeOpening());
  const start = forgeRecording().length;
  const blocks = [entries];
  let at = start + entries.length;
  let before = 0;
  for (let page = 0; page < pages; page++) {
    const row = Buffer.alloc(68);
    row.writeDoubleLE(start, 0);
    entries.copy(row, 8, 0, 60);
    const payload = Buffer.concat([Buffer.alloc(8), ...Array.from({ length: rows }, () => row)]);
    payload.writeDoubleLE(before, 0);
    const block = forgeDeflated({ type: "index", entryCount: 0 }, payload);
    before = at;
    at += block.length;
    blocks.push(block);
  }
  const end = Buffer.alloc(8);
  end.writeDoubleLE(before, 0);
  return forgeRecording(...blocks, forgeBlock({ type: "end", entryCount: 0 }, end));
}

function largeHeader(): Buffer {
  const header = encodeValue({ ...FORGED_HEADER, upstream: "a".repeat(90_000_000) });
  const bare = forgeRecording().subarray(0, 8);
  return Buffer.concat([bare, forgeDeflated({ type: "header", entryCount: 0 }, header)]);
}

/** Blocks of a hundred bytes that promise 96 MB each. */
function liars(count: number): Buffer {
  const payload = deflateRawSync(Buffer.alloc(40_000));
  const lie = { codec: "deflate", inflatedBytes: 96_000_000 } as const;
  const blocks = Array.from({ length: count }, (_, index) =>
    forgeBlock({ ...lie, firstEntry: 1 + index }, payload),
  );
  return forgeRecording(...blocks);
}

interface Case {
  readonly name: string;
  readonly make: () => Buffer;
  readonly words: readonly string[];
  readonly code: number;
  /** Stands in what is printed. */
  readonly says: string;
}

const TOO_LARGE = "needs more than 500.0 MB of memory. Look at its end alone";

/** Small files that ask for very much; each is read as far as it makes sense, or refused in one line. */
const CASES: readonly Case[] = [
  { name: "a text of 45,000,000 nested lists", make: () => said(`${"[".repeat(45e6)}${"]".repeat(45e6)}`), words: ["show"], code: 0, says: "unreadable-message" },
  { name: "the same", make: () => said(`${"[".repeat(45e6)}${"]".repeat(45e6)}`), words: ["info"], code: 0, says: "connections  1" },
  { name: "a text of 30,000,000 objects", make: () => said(`[${"{},".repeat(30e6)}{}]`), words: ["check"], code: 0, says: "unreadable-message" },
  { name: "texts of 90 MB beside their tuples", make: () => aside(90_000_000), words: ["show", "--json"], code: 0, says: "too large to be read as JSON" },
  { name: "a block of 90,000,000 values", make: () => counted(90_000_000, 0xc0), words: ["show"], code: 0, says: "90000000 are lost" },
  { name: "a block of 90,000,000 empty lists", make: () => counted(90_000_000, 0x90), words: ["verify"], code: 1, says: "90000000 are lost" },
  { name: "three texts of 30 MB", make: () => forgeRecording(...[1, 2, 3].map((entry) => forgeEntries([forgeText("gateway", event(`"${"a".repeat(30e6)}"`))], entry))), words: ["verify"], code: 1, says: "3 entries read" },
  { name: "connections that ask for, and get, 1,000,000 scopes", make: () => manyScopes(1_000_000), words: ["explain"], code: 0, says: "Connection 1" },
  { name: "indexes that name a block 1,000,000 times", make: () => indexes(1000, 1000), words: ["show"], code: 0, says: "3 entries" },
  { name: "a header of 90 MB", make: largeHeader, words: ["info"], code: 2, says: "its header is damaged" },
  { name: "20,000 blocks that promise 96 MB each", make: () => liars(20_000), words: ["verify"], code: 1, says: "0 entries read" },
]; // prettier-ignore

test.each(CASES)(
  "$name: $words ends within bounds",
  async ({ make, words, code, says }) => {
    const file = join(await temporaryFolder(), "forged.gwtrace");
    await writeFile(file, make());
    const run = await runCliBounded([...words, file]);
    expect(run.stdout + run.stderr).toContain(says);
    expect(run.code).toBe(code);
    expect(run.peakBytes).toBeLessThan(MAX_COMMAND_BYTES);
  },
  120_000,
);

/** Very many calls, each with an id of its own that is kept. */
function manyCalls(): Buffer {
  const id = "i".repeat(4000);
  const blocks = Array.from({ length: 40 }, (_, block) =>
    forgeEntries(
      Array.from({ length: 2500 }, (__, index) =>
        forgeText("client", `{"type":"req","id":"${block}.${index}${id}","method":"health"}`),
      ),
      1 + block * 2500,
    ),
  );
  return forgeRecording(...blocks);
}

test("a recording that needs more memory than a command may take is refused in one line, and ls goes on", async () => {
  const folder = await temporaryFolder();
  const [large, shipped] = [join(folder, "large.gwtrace"), join(folder, "shipped.gwtrace")];
  await writeFile(large, manyCalls());
  await cp(SHIPPED, shipped);
  for (const words of [["show"], ["report", "--html"]]) {
    const { code, stderr, stdout, peakBytes } = await runCliBounded([...words, large]);
    const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("reading "));
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^gw-trace: large ${TOO_LARGE}.*GW_TRACE_MAX_MEMORY=2GB\\.$`)),
    ]);
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(peakBytes).toBeLessThan(MAX_COMMAND_BYTES);
  }
  const listed = await runCliBounded(["ls", folder]);
  expect(listed.code).toBe(0);
  expect(listed.stdout).toMatch(/^\s*shipped .*1 error/m);
}, 120_000); // prettier-ignore

test("a limit of one's own counts, and one that makes no sense is refused", async () => {
  const run = (limit: string) =>
    runCliBounded(["show", SHIPPED], { env: { GW_TRACE_MAX_MEMORY: limit } });
  expect(await run("2GB")).toMatchObject({ code: 0 });
  const small = await run("10MB");
  expect(small.stderr).toContain("scope-upgrade needs more than 10.0 MB of memory");
  expect((await run("much")).stderr).toContain("GW_TRACE_MAX_MEMORY");
}, 60_000);
