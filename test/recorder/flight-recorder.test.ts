import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFlightRecorder } from "../../src/recorder/flight-recorder.ts";
import type { FlightRecorder } from "../../src/recorder/flight-recorder.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Trace } from "../../src/trace/model.ts";
import {
  challenge,
  connect,
  conversation,
  event,
  helloOk,
  ok,
  req,
} from "../support/conversation.ts";
import { SPELLINGS } from "../support/spellings.ts";
import { readAll, sampleHeader, temporaryFolder } from "../recording/sample.ts";

const PLAN = { maxBytes: 400_000, maxAgeMs: null, aroundMs: 1000 };
const HEADER = { ...sampleHeader, redaction: "credentials" } as const;

function at(entries: readonly NewEntry[], connection: number, atMs: number): NewEntry[] {
  return entries.map((entry) => ({ ...entry, connection, atMs, wallMs: entry.wallMs }));
}

/** An accepted connection that stays open, with one call that waits for its answer for ever. */
function begin(connection: number): NewEntry[] {
  const script = conversation(OPEN, challenge(), connect(), helloOk({ tickIntervalMs: 30_000 }), req("slow", "agent"));
  return at(script, connection, connection);
} // prettier-ignore

const OPEN = { ends: false };

const NOISE = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Text that does not deflate to nothing. */
function noise(seed: number, length: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return NOISE[state % NOISE.length];
  }).join("");
}

function said(steps: Parameters<typeof conversation>[1][], connection: number, atMs: number): NewEntry[] {
  const script = conversation({}, ...steps).filter(({ kind }) => kind === "message");
  return at(script, connection, atMs);
} // prettier-ignore

async function fill(recorder: FlightRecorder, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i++) {
    const steps = [event("noise", { text: noise(i, 2000) }), req(`${i}`, "health"), ok(`${i}`)];
    for (const entry of said(steps, 1, 100 + i)) recorder.append(entry);
    // The disk is to keep pace, as it does in real life.
    if (i % 5 === 0) await recorder.flush();
  }
}

async function partsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((file) => /-\d{4}\.gwtrace$/.test(file)).toSorted();
}

async function traceOf(path: string): Promise<Trace> {
  await using reader = await openRecording(path);
  expect(reader.complete).toBe(true);
  const builder = new TraceBuilder(reader.header);
  for (const entry of await readAll(reader)) builder.add(entry);
  const { name, header, complete, missing, entryCount } = reader;
  return builder.trace({ name, header, complete, missing, entryCount });
}

describe("a flight recorder", () => {
  test.each(SPELLINGS)("begins as many files of frames written %s", async (_name, write) => {
    const folder = await temporaryFolder();
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, PLAN);
    const spell = (entry: NewEntry): NewEntry => {
      if (entry.kind !== "message" || entry.message.type !== "text") return entry;
      const frame: object = JSON.parse(entry.message.text);
      return { ...entry, message: { type: "text", text: write(frame) } };
    };
    for (const entry of begin(1)) recorder.append(spell(entry));
    for (let i = 0; i < 400; i++) {
      const steps = [event("noise", { text: noise(i, 2000) })];
      for (const entry of said(steps, 1, 100 + i)) recorder.append(spell(entry));
      if (i % 5 === 0) await recorder.flush();
    }
    const { parts = [] } = await recorder.close();
    const last = /-(\d{4})\.gwtrace$/.exec(parts.at(-1) ?? "")?.[1];
    // 400 events of 2 kB, of which deflating takes a third, in files of 50 kB and a block.
    expect(Number(last)).toBeGreaterThan(4);
    expect(Number(last)).toBeLessThan(15);
    const trace = await traceOf(parts.at(-1) ?? "");
    expect(trace.connections[0]?.outcome).toBe("accepted");
    expect(trace.connections[0]?.rpcs).toMatchObject([{ id: "slow" }]);
  });

  test("over twenty rotations keeps within its cap, and every file stands alone", async () => {
    const folder = await temporaryFolder();
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, PLAN);
    for (const entry of [...begin(1), ...begin(2)]) recorder.append(entry);
    let largest = 0;
    for (let round = 0; round < 70; round++) {
      await fill(recorder, round * 20, 20);
      const files = await readdir(folder);
      const sizes = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => ({ size: 0 }))));
      largest = Math.max(largest, sizes.reduce((sum, { size }) => sum + size, 0));
    } // prettier-ignore
    const closed = await recorder.close();
    expect(closed).toMatchObject({ missedEntries: 0, complete: true });
    const parts = await partsIn(folder);
    expect(closed.parts?.map((path) => path.slice(folder.length + 1))).toEqual(parts);
    const last = Number(/-(\d{4})/.exec(parts.at(-1) ?? "")?.[1]);
    expect(last).toBeGreaterThan(20);
    expect(parts.length).toBeGreaterThan(4);
    // One block more than a file's share may be under way when it is full.
    expect(largest).toBeLessThan(PLAN.maxBytes * 1.3);
    for (const part of parts) {
      const trace = await traceOf(join(folder, part));
      expect(trace.recording.missing).toEqual([]);
      expect(trace.connections.map(({ id, outcome }) => [id, outcome])).toEqual([
        [1, "accepted"],
        [2, "accepted"],
      ]);
      const [first] = trace.connections;
      expect(first?.strayResponses).toEqual([]);
      expect(first?.oddities).toEqual([]);
      // The call that waits since before the first rotation.
      expect(first?.rpcs[0]).toMatchObject({ id: "slow", method: "agent", ok: null });
      expect(first?.rpcs.slice(1, -1).every((rpc) => rpc.ok)).toBe(true);
      expect(diagnose([trace]).map(({ code }) => code)).toEqual([]);
    }
  });

  test("loses nothing at a rotation: the files follow each other", async () => {
    const folder = await temporaryFolder();
    const plan = { ...PLAN, maxBytes: 100_000_000, maxAgeMs: 1000 };
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, plan);
    for (const entry of begin(1)) recorder.append(entry);
    await fill(recorder, 0, 900);
    const { parts = [] } = await recorder.close();
    expect(parts.length).toBeGreaterThan(2);
    const ids: string[] = [];
    for (const part of parts) {
      const [connection] = (await traceOf(part)).connections;
      for (const { id } of connection?.rpcs ?? []) if (id !== "slow") ids.push(id);
    }
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 900 }, (_, i) => `${i}`)));
  });

  test("forgets what is too old, and connections that are closed", async () => {
    const folder = await temporaryFolder();
    const plan = { ...PLAN, maxBytes: 100_000_000, maxAgeMs: 400 };
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, plan);
    const over = conversation({ endedBy: "client" }, challenge(), connect(), helloOk());
    for (const entry of [...begin(1), ...at(over, 2, 2)]) recorder.append(entry);
    await fill(recorder, 0, 2000);
    const { parts = [] } = await recorder.close();
    const first = await traceOf(parts[0] ?? "");
    expect(first.connections.map(({ id }) => id)).toEqual([1]);
    await using reader = await openRecording(parts[0] ?? "");
    const fresh = (await readAll(reader)).find(({ kind, atMs }) => kind === "message" && atMs > 10);
    // The newest is at 2099 ms: 400 ms are kept, and up to a quarter more.
    expect(fresh?.atMs).toBeGreaterThan(1500);
    expect(fresh?.atMs).toBeLessThanOrEqual(1700);
  }); // prettier-ignore

  test("forgets what is too old also while nothing comes, and goes on when something does", async () => {
    const folder = await temporaryFolder();
    const plan = { ...PLAN, maxBytes: 100_000_000, maxAgeMs: 200 };
    const recorder = await createFlightRecorder(join(folder, "i.gwtrace"), HEADER, plan);
    for (const entry of begin(1)) recorder.append(entry);
    await fill(recorder, 0, 20);
    const wordsIn = async (part = ""): Promise<number> => {
      await using reader = await openRecording(join(folder, part));
      return (await readAll(reader)).filter((entry) => JSON.stringify(entry).includes("noise")).length;
    };
    // Only time passes from here on.
    let left = await partsIn(folder);
    while (left.length > 1 || (await wordsIn(left[0])) > 0) left = await partsIn(folder);
    expect(left).toHaveLength(1);
    for (const entry of said([event("noise", {})], 1, 10_000)) recorder.append(entry);
    const { parts = [], complete, missedEntries } = await recorder.close();
    expect({ complete, missedEntries }).toEqual({ complete: true, missedEntries: 0 });
    const last = await traceOf(parts.at(-1) ?? "");
    expect(last.connections.map(({ id, outcome }) => [id, outcome])).toEqual([[1, "accepted"]]);
    expect(last.connections[0]?.events.map((seen) => seen.event)).toContain("noise");
  }); // prettier-ignore

  test("saves the stretch around a moment as one recording, and goes on", async () => {
    const folder = await temporaryFolder();
    const plan = { ...PLAN, aroundMs: 200 };
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, plan);
    for (const entry of begin(1)) recorder.append(entry);
    await fill(recorder, 0, 500);
    const saved = recorder.save("missing-scope-dropped");
    expect(recorder.save("missing-scope-dropped")).toBeNull();
    await fill(recorder, 500, 20);
    const path = await saved;
    expect(path).toBe(join(folder, "f-missing-scope-dropped-1.gwtrace"));
    await fill(recorder, 520, 500);
    const closed = await recorder.close();
    expect(closed.saved).toEqual([path]);
    const trace = await traceOf(path ?? "");
    const [connection] = trace.connections;
    expect(connection?.outcome).toBe("accepted");
    const times = connection?.rpcs.filter(({ id }) => id !== "slow").map(({ startMs }) => startMs) ?? [];
    // The moment was at 599 ms.
    expect(times[0]).toBe(399);
    expect(times.at(-1)).toBeGreaterThanOrEqual(600);
    expect(times).toEqual(Array.from({ length: times.length }, (_, i) => 399 + i));
    expect(diagnose([trace]).map(({ code }) => code)).toEqual([]);
  }); // prettier-ignore

  test("a secret taught in the first file is taken out of the last", async () => {
    const folder = await temporaryFolder();
    const recorder = await createFlightRecorder(join(folder, "f.gwtrace"), HEADER, PLAN);
    const token = "tok-8c1f0de2a7b94453";
    const script = conversation(OPEN, challenge(), connect({ auth: { token } }), helloOk());
    for (const entry of at(script, 1, 1)) recorder.append(entry);
    await fill(recorder, 0, 300);
    for (const entry of said([event("log", { line: `used ${token} again` })], 1, 1000)) recorder.append(entry);
    const { parts = [] } = await recorder.close();
    expect(parts.at(-1)).not.toMatch(/-0001/);
    for (const part of parts) {
      await using reader = await openRecording(part);
      expect(JSON.stringify(await readAll(reader))).not.toContain(token);
    }
  }); // prettier-ignore
});
