import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  findRecordings,
  recordingsFolder,
  resolveRecording,
  SHIPPED_RECORDINGS,
} from "../../src/recording/locate.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { sampleHeader, temporaryFolder, textEntry } from "./sample.ts";

async function record(folder: string, name: string, startedAt: string): Promise<string> {
  const path = join(folder, `${name}.gwtrace`);
  const writer = await createRecording(path, { ...sampleHeader, startedAt });
  writer.append(textEntry("a"));
  await writer.close();
  return path;
}

describe("recordingsFolder", () => {
  test.each([
    [{ GW_TRACE_DIR: "here", XDG_STATE_HOME: "/state" }, "/nowhere", "/nowhere/here"],
    [{ GW_TRACE_DIR: "/there" }, "/nowhere", "/there"],
    [{ XDG_STATE_HOME: "/state", HOME: "/home/me" }, "/nowhere", "/state/gw-trace"],
    [
      { XDG_STATE_HOME: "relative", HOME: "/home/me" },
      "/nowhere",
      "/home/me/.local/state/gw-trace",
    ],
    [{ HOME: "/home/me" }, "/nowhere", "/home/me/.local/state/gw-trace"],
    [{ GW_TRACE_DIR: "", HOME: "/home/me" }, "/nowhere", "/home/me/.local/state/gw-trace"],
  ])("%o in %s", (env, cwd, folder) => {
    expect(recordingsFolder(env, cwd)).toBe(folder);
  });

  test("is never that of a checkout, whose commits would publish what is recorded", async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, "recordings"));
    expect(recordingsFolder({ HOME: "/h" }, cwd)).toBe("/h/.local/state/gw-trace");
  });
});

describe("findRecordings", () => {
  test("the newest first, the unreadable last with the reason", async () => {
    const folder = await temporaryFolder();
    await record(folder, "a-old", "2026-01-01T00:00:00.000Z");
    await record(folder, "b-new", "2026-03-01T00:00:00.000Z");
    await record(folder, "c-middle", "2026-02-01T00:00:00.000Z");
    await writeFile(join(folder, "z-text.gwtrace"), "hello");
    await writeFile(join(folder, "y-empty.gwtrace"), "");
    await writeFile(join(folder, "notes.txt"), "hello");
    const found = await findRecordings(folder);
    expect(found.map(({ name }) => name)).toEqual([
      "b-new",
      "c-middle",
      "a-old",
      "y-empty",
      "z-text",
    ]);
    expect(found[0]).toMatchObject({
      entryCount: 1,
      complete: true,
      problem: null,
      header: { source: "tap" },
    });
    expect(found[4]).toMatchObject({
      header: null,
      sizeBytes: 5,
      complete: false,
      problem: expect.stringContaining("not a gw-trace recording"),
    });
  });

  test("no folder, no recordings", async () => {
    expect(await findRecordings(join(await temporaryFolder(), "none"))).toEqual([]);
  });
});

describe("resolveRecording", () => {
  test("takes a path, a name with or without its ending, and last", async () => {
    const cwd = await temporaryFolder();
    const folder = join(cwd, "kept");
    const env = { GW_TRACE_DIR: folder };
    const old = await record(folder, "old", "2026-01-01T00:00:00.000Z");
    const latest = await record(folder, "new", "2026-02-01T00:00:00.000Z");
    const elsewhere = await record(join(cwd, "sub"), "mine", "2025-01-01T00:00:00.000Z");
    await writeFile(join(folder, "broken.gwtrace"), "x");
    for (const [given, expected] of [
      ["old", old],
      ["new.gwtrace", latest],
      ["last", latest],
      ["sub/mine.gwtrace", elsewhere],
      ["./sub/mine", elsewhere],
      [elsewhere, elsewhere],
    ] as const) {
      expect(await resolveRecording(given, env, cwd)).toBe(expected);
    }
  });

  test("names the nearest when there is none", async () => {
    const cwd = await temporaryFolder();
    const env = { GW_TRACE_DIR: cwd };
    await record(cwd, "sessions", "2026-01-01T00:00:00.000Z");
    await expect(resolveRecording("sesions", env, cwd)).rejects.toMatchObject({
      code: "RECORDING_NOT_FOUND",
      hint: "Did you mean sessions?",
    });
    await expect(resolveRecording("no/such", env, cwd)).rejects.toMatchObject({
      message: expect.stringContaining(join(cwd, "no")),
    });
  });

  test("finds by name what comes with gw-trace, after the user's own", async () => {
    const cwd = await temporaryFolder();
    const env = { GW_TRACE_DIR: cwd };
    const shipped = join(SHIPPED_RECORDINGS, "sessions-spawn-77807.gwtrace");
    expect(await resolveRecording("sessions-spawn-77807", env, cwd)).toBe(shipped);
    await expect(resolveRecording("sessions-spawn-7780", env, cwd)).rejects.toMatchObject({
      hint: "Did you mean sessions-spawn-77807?",
    });
    const own = await record(cwd, "sessions-spawn-77807", "2026-01-01T00:00:00.000Z");
    expect(await resolveRecording("sessions-spawn-77807", env, cwd)).toBe(own);
  });

  test("last of nothing says where it looked", async () => {
    const cwd = await temporaryFolder();
    await expect(resolveRecording("last", { GW_TRACE_DIR: cwd }, cwd)).rejects.toMatchObject({
      code: "RECORDING_NOT_FOUND",
      message: `there is no recording in ${cwd}`,
    });
  });
});
