import { readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { EffortPlan } from "../../src/recorder/effort-plan.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readAll, sampleHeader, temporaryFolder, textEntry } from "../recording/sample.ts";
import type { Effort, NewBlock } from "../../src/recording/block.ts";
import type { RecordingWriter } from "../../src/recorder/writer.ts";

const MEBIBYTE = 1024 * 1024;
const LINE = "the quick brown fox jumps over the lazy dog, ";

/** More at once than there is time to deflate. */
async function flood(maxRawBytes: number): Promise<RecordingWriter> {
  const path = join(await temporaryFolder(), "a.gwtrace");
  const writer = await createRecording(path, sampleHeader, { maxRawBytes });
  for (let i = 0; i < 400; i += 1) writer.append(textEntry(LINE.repeat(200) + i));
  await writer.flush();
  return writer;
}

/** A megabyte at once, in pieces that deflating would keep up with. */
async function hasten(floodBytesPerMs?: number): Promise<RecordingWriter> {
  const path = join(await temporaryFolder(), "a.gwtrace");
  const options = floodBytesPerMs === undefined ? {} : { floodBytesPerMs };
  const writer = await createRecording(path, sampleHeader, { maxRawBytes: MEBIBYTE * 8, ...options }); // prettier-ignore
  for (let piece = 0; piece < 10; piece += 1) {
    for (let i = 0; i < 12; i += 1) writer.append(textEntry(LINE.repeat(200) + i));
    await writer.flush();
  }
  return writer;
}

describe("a flood", () => {
  test("is what comes fast, where the writer's program needs the processor", async () => {
    await using usual = await hasten();
    expect((await stat(usual.path)).size).toBeLessThan(MEBIBYTE / 10);
    const sparing = await hasten(1024);
    expect((await stat(sparing.path)).size).toBeGreaterThan(MEBIBYTE * 0.9);
    expect((await sparing.close()).sizeBytes).toBeLessThan(MEBIBYTE / 10);
    await using reader = await openRecording(sparing.path);
    expect(reader).toMatchObject({ complete: true, missing: [], entryCount: 120 });
  });

  test("is on the disk as it came, and small when the recording is closed", async () => {
    const writer = await flood(8 * MEBIBYTE);
    const before = (await stat(writer.path)).size;
    expect(before).toBeGreaterThan(3 * MEBIBYTE);
    await using follower = await openRecording(writer.path);
    const closed = await writer.close();
    expect(closed).toMatchObject({ entries: 400, missedEntries: 0, complete: true });
    expect(closed.sizeBytes).toBe((await stat(writer.path)).size);
    expect(closed.sizeBytes).toBeLessThan(before / 10);
    await using reader = await openRecording(writer.path);
    expect(reader).toMatchObject({ complete: true, missing: [], entryCount: 400 });
    const entries = await readAll(reader);
    expect(entries.map(({ entry }) => entry)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    // Whoever had it open before has all of it too.
    await follower.refresh();
    expect(await readAll(follower)).toEqual(entries);
    expect((await stat(writer.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(writer.path))).toEqual(["a.gwtrace"]);
  });

  test("is deflated at once where the file may not grow so much", async () => {
    const writer = await flood(0);
    expect(writer.sizeBytes).toBeLessThan(MEBIBYTE);
    expect(await writer.close()).toMatchObject({ entries: 400, complete: true });
  });

  test("stays as it is when there is no place for the smaller file", async () => {
    const writer = await flood(8 * MEBIBYTE);
    await writeFile(`${writer.path}.compact`, "mine");
    const closed = await writer.close();
    expect(closed).toMatchObject({ entries: 400, missedEntries: 0, complete: true });
    expect(closed.sizeBytes).toBeGreaterThan(3 * MEBIBYTE);
    expect(await readFile(`${writer.path}.compact`, "utf8")).toBe("mine");
    await using reader = await openRecording(writer.path);
    expect(await readAll(reader)).toHaveLength(400);
  });

  test("never replaces a file that took the recording's place", async () => {
    const writer = await flood(8 * MEBIBYTE);
    await rename(writer.path, `${writer.path}.moved`);
    await writeFile(writer.path, "mine");
    expect(await writer.close()).toMatchObject({ entries: 400, complete: true });
    expect(await readFile(writer.path, "utf8")).toBe("mine");
    await using reader = await openRecording(`${writer.path}.moved`);
    expect(await readAll(reader)).toHaveLength(400);
  });
});

describe("the effort", () => {
  const block = (sizeBytes: number, spanMs: number): NewBlock => ({
    facts: {
      fileId: 1,
      type: "entries",
      startsWithGap: false,
      entryCount: 1,
      firstEntry: 1,
      firstAtMs: 100,
      lastAtMs: 100 + spanMs,
    },
    payload: Buffer.alloc(sizeBytes),
  });
  const large = block(MEBIBYTE, 1);

  test("is less the more waits, and none in a flood until it is over", () => {
    const plan = new EffortPlan(100 * MEBIBYTE);
    const effort = (blocks: readonly NewBlock[], pendingBytes: number): Effort =>
      plan.next(blocks, pendingBytes).effort;
    expect(effort([block(1000, 50)], 1000)).toBe("small");
    expect(effort([large], 300 * 1024)).toBe("fast");
    expect(effort([large], 2 * MEBIBYTE)).toBe("none");
    expect(effort([large], 1000)).toBe("none");
    expect(effort([block(64 * 1024, 50)], 64 * 1024)).toBe("small");
    expect(effort([large], 300 * 1024)).toBe("fast");
    expect(plan.rawBytes).toBe(2 * MEBIBYTE);
  });

  test("has a limit to what it leaves for later", () => {
    const plan = new EffortPlan(1.5 * MEBIBYTE);
    const efforts = [1, 2].map(() => plan.next([large], 2 * MEBIBYTE).effort);
    expect(efforts).toEqual(["none", "fast"]);
  });

  test("goes into setting texts aside where there is time for it", () => {
    const [idle, hurried] = [1000, 300 * 1024] as const;
    const aside = (plan: EffortPlan) =>
      [idle, hurried].map((pendingBytes) => plan.next([large], pendingBytes).textsAside);
    expect(aside(new EffortPlan(0))).toEqual([true, true]);
    expect(aside(new EffortPlan(0, 1e9))).toEqual([true, false]);
  });
});
