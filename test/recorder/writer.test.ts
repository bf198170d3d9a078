import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { GwTraceError } from "../../src/errors.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import {
  everyKind,
  readAll,
  sampleHeader,
  temporaryFolder,
  textEntry,
} from "../recording/sample.ts";

async function temporaryPath(): Promise<string> {
  return join(await temporaryFolder(), "a.gwtrace");
}

describe("createRecording", () => {
  test("what was appended reads back as it was returned", async () => {
    const path = await temporaryPath();
    const writer = await createRecording(path, sampleHeader);
    const appended = everyKind.map((entry) => writer.append(entry));
    expect(appended).toEqual(everyKind.map((entry, index) => ({ ...entry, entry: index + 1 })));
    const closed = await writer.close();
    expect(closed).toEqual({
      path,
      entries: everyKind.length,
      sizeBytes: (await stat(path)).size,
      missedEntries: 0,
      missedBytes: 0,
      complete: true,
    });
    await using reader = await openRecording(path);
    expect(await readAll(reader)).toEqual(appended);
    expect(reader).toMatchObject({
      name: "a",
      path,
      complete: true,
      missing: [],
      entryCount: everyKind.length,
      header: { ...sampleHeader, formatVersion: 1 },
    });
  });

  test("keeps times to the microsecond, also when the wall clock jumps", async () => {
    const path = await temporaryPath();
    const writer = await createRecording(path, sampleHeader);
    const entry = writer.append({ ...textEntry("a"), atMs: 1.000_400_1, wallMs: 1e12 + 0.25 });
    const earlier = writer.append({ ...textEntry("b"), atMs: 1.1, wallMs: 5 });
    await writer.close();
    await using reader = await openRecording(path);
    expect(entry).toMatchObject({ atMs: 1, wallMs: 1e12 + 0.25 });
    expect(await readAll(reader)).toEqual([entry, earlier]);
  });

  test("the file and the folder it makes are their owner's alone", async () => {
    const folder = join(await temporaryFolder(), "new", "er");
    const writer = await createRecording(join(folder, "a.gwtrace"), sampleHeader);
    await writer.close();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700);
    expect((await stat(writer.path)).mode & 0o777).toBe(0o600);
  });

  test("never writes over a file", async () => {
    const path = await temporaryPath();
    await writeFile(path, "mine");
    await expect(createRecording(path, sampleHeader)).rejects.toMatchObject({
      code: "RECORDING_EXISTS",
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  test("says so when the place cannot be written", async () => {
    const path = await temporaryPath();
    await writeFile(path, "a file, no folder");
    await expect(createRecording(join(path, "b.gwtrace"), sampleHeader)).rejects.toMatchObject({
      code: "WRITE_FAILED",
    });
  });
});

describe("RecordingWriter", () => {
  test("keeps the order of small and large entries", async () => {
    const path = await temporaryPath();
    const writer = await createRecording(path, sampleHeader);
    const texts = Array.from({ length: 400 }, (_, i) => `${i}:`.repeat(i % 50 === 0 ? 40_000 : 20));
    for (const text of texts) writer.append(textEntry(text));
    await writer.close();
    await using reader = await openRecording(path);
    const read = await readAll(reader);
    expect(read.map(({ entry }) => entry)).toEqual(texts.map((_, index) => index + 1));
    expect(
      read.map((e) => (e.kind === "message" && e.message.type === "text" ? e.message.text : "")),
    ).toEqual(texts);
  });

  test("writes by itself soon after an entry came", async () => {
    const path = await temporaryPath();
    await using writer = await createRecording(path, sampleHeader);
    writer.append(textEntry("a"));
    await vi.waitFor(async () => {
      await using reader = await openRecording(path);
      expect(reader.entryCount).toBe(1);
    });
  });

  test("an entry after the close is counted, not written", async () => {
    const path = await temporaryPath();
    const writer = await createRecording(path, sampleHeader);
    await writer.close();
    writer.append(textEntry("late"));
    expect(writer.missedEntries).toBe(1);
    expect(await writer.close()).toMatchObject({ entries: 0, complete: true });
  });

  test("drops and counts what is more than it may hold, and tells of it in a gap", async () => {
    const path = await temporaryPath();
    const onBlind = vi.fn<(error: GwTraceError) => void>();
    const writer = await createRecording(path, sampleHeader, { maxPendingBytes: 10_000, onBlind });
    // All in one turn, so that nothing can be written in between.
    for (let i = 0; i < 100; i += 1) writer.append(textEntry("x".repeat(1000), i));
    const missed = writer.missedEntries;
    expect(missed).toBeGreaterThan(80);
    await writer.flush();
    const after = writer.append(textEntry("after", 200));
    const closed = await writer.close();
    expect(closed).toMatchObject({ missedEntries: missed, entries: 102 - missed, complete: true });
    expect(onBlind).toHaveBeenCalledOnce();
    expect(onBlind.mock.calls[0]?.[0].code).toBe("WRITE_FAILED");
    await using reader = await openRecording(path);
    const entries = await readAll(reader);
    expect(entries.at(-1)).toEqual(after);
    expect(entries.at(-2)).toMatchObject({
      kind: "gap",
      entry: 101,
      missingEntries: missed,
      atMs: 100 - missed,
      untilMs: 99,
    });
    expect(reader.missing).toEqual([`entries ${101 - missed}-100 are missing: a gap says why`]);
  });

  test("drops a single message that is larger than it may hold, and says why", async () => {
    const path = await temporaryPath();
    const writer = await createRecording(path, sampleHeader, { maxPendingBytes: 10_000 });
    writer.append(textEntry("x".repeat(20_000)));
    writer.append(textEntry("small"));
    await writer.close();
    await using reader = await openRecording(path);
    expect(await readAll(reader)).toMatchObject([
      { kind: "gap", entry: 2, missingEntries: 1, reason: expect.stringContaining("larger") },
      { kind: "message", entry: 3 },
    ]);
    expect(reader.missing).toEqual(["entry 1 is missing: a gap says why"]);
  });

  test("begins anew when the folder is removed under it", async () => {
    const folder = join(await temporaryFolder(), "deep");
    const path = join(folder, "a.gwtrace");
    const onBlind = vi.fn<(error: GwTraceError) => void>();
    const writer = await createRecording(path, sampleHeader, { onBlind, retryAfterMs: 5 });
    writer.append(textEntry("gone"));
    await writer.flush();
    await rm(folder, { recursive: true });
    writer.append(textEntry("gone too"));
    await writer.flush();
    writer.append(textEntry("kept"));
    const closed = await writer.close();
    expect(onBlind).toHaveBeenCalledOnce();
    expect(closed).toMatchObject({ missedEntries: 2, entries: 2, complete: true });
    await using reader = await openRecording(path);
    expect(await readAll(reader)).toMatchObject([
      { kind: "gap", entry: 3, missingEntries: 2, atMs: 0 },
      { kind: "message", entry: 4, message: { text: "kept" } },
    ]);
  });

  test("a folder that cannot come back does not disturb: close says that it is not complete", async () => {
    const folder = join(await temporaryFolder(), "deep");
    const writer = await createRecording(join(folder, "a.gwtrace"), sampleHeader, {
      retryAfterMs: 5,
    });
    await rm(folder, { recursive: true });
    await writeFile(folder, "a file where the folder was");
    writer.append(textEntry("lost"));
    await writer.flush();
    writer.append(textEntry("lost"));
    expect(await writer.close()).toMatchObject({ complete: false, entries: 0, missedEntries: 3 });
  });

  test("kill -9 loses nothing that was written before", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.gwtrace");
    await compile(folder);
    const script = join(folder, "write.mjs");
    await writeFile(
      script,
      `import { createRecording } from "./dist/recorder/writer.js";
       const writer = await createRecording(${JSON.stringify(path)}, ${JSON.stringify(sampleHeader)});
       const entry = ${JSON.stringify(textEntry("x".repeat(300)))};
       setInterval(() => { for (let i = 0; i < 50; i++) writer.append(entry); }, 1);`,
    );
    const child = spawn(process.execPath, [script], { stdio: "inherit" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const counted = await vi.waitFor(
      async () => {
        await using reader = await openRecording(path);
        expect(reader.entryCount).toBeGreaterThan(2000);
        return reader.entryCount;
      },
      { timeout: 20_000, interval: 20 },
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    await using reader = await openRecording(path);
    const entries = await readAll(reader);
    expect(entries.length).toBeGreaterThanOrEqual(counted);
    expect(entries.map(({ entry }) => entry)).toEqual(entries.map((_, index) => index + 1));
    expect(reader.complete).toBe(false);
  });

  test.skipIf(process.getuid?.() !== 0)("a full disk (needs root for a small one)", async () => {
    const disk = await smallDisk();
    const path = join(disk, "a.gwtrace");
    const onBlind = vi.fn<(error: GwTraceError) => void>();
    const options = { onBlind, retryAfterMs: 5, maxPendingBytes: 200_000 };
    const writer = await createRecording(path, { ...sampleHeader }, options);
    const noise = (): string => randomBytes(10_000).toString("base64");
    while (onBlind.mock.calls.length === 0) {
      writer.append(textEntry(noise()));
      await writer.flush();
    }
    expect(onBlind.mock.calls[0]?.[0]).toMatchObject({
      code: "WRITE_FAILED",
      message: expect.stringContaining("ENOSPC"),
    });
    while (writer.missedEntries < 10) writer.append(textEntry(noise()));
    const full = await openRecording(path);
    const before = await readAll(full);
    expect(full.missing).toEqual([]);
    await full.close();
    spawnSync("mount", ["-o", "remount,size=4m", disk]);
    await writer.flush();
    writer.append(textEntry("room again"));
    const closed = await writer.close();
    expect(closed).toMatchObject({ missedEntries: 10, complete: true });
    expect(onBlind).toHaveBeenCalledOnce();
    await using reader = await openRecording(path);
    const entries = await readAll(reader);
    expect(entries.slice(0, before.length)).toEqual(before);
    expect(entries.filter(({ kind }) => kind === "gap")).toMatchObject([
      { missingEntries: 10, reason: expect.stringContaining("ENOSPC") },
    ]);
    expect(entries.at(-1)).toMatchObject({ message: { text: "room again" } });
    expect(entries.length).toBe(closed.entries);
  });
});

/** Compiles the writer into the folder, so that a process of its own can run it. */
async function compile(folder: string): Promise<void> {
  const root = new URL("../..", import.meta.url).pathname;
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await symlink(join(root, "package.json"), join(folder, "package.json"));
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { rootDir: join(root, "src"), outDir: join(folder, "dist") },
    files: [join(root, "src/recorder/writer.ts")],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ ...config, include: [] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
}

/** A file system of 300 kB. */
async function smallDisk(): Promise<string> {
  const folder = await temporaryFolder();
  const disk = join(folder, "disk");
  await mkdir(disk);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`cannot mount a tmpfs: ${stderr}`);
  onTestFinished(() => void spawnSync("umount", ["-l", disk]));
  return disk;
}
