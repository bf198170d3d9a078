import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { diagnose } from "../src/findings/diagnose.ts";
import { openRecording } from "../src/recording/reader.ts";
import type { Trace } from "../src/trace/model.ts";
import { readTrace } from "../src/trace/read.ts";
import { renderShow } from "../src/views/show.ts";
import { PLAIN_STYLE } from "../src/views/style.ts";

const FOLDER = path.resolve(import.meta.dirname, "../recordings");
const ALL = readdirSync(FOLDER).filter((file) => file.endsWith(".gwtrace"));
const READABLE = ALL.filter((file) => file !== "from-the-future.gwtrace");

async function traceOf(file: string): Promise<Trace> {
  await using reader = await openRecording(path.join(FOLDER, file));
  return await readTrace(reader);
}

describe.each(READABLE)("%s", (file) => {
  test("reads as its golden report says", async () => {
    const trace = await traceOf(file);
    const report = renderShow([trace], diagnose([trace]), PLAIN_STYLE);
    await expect(report).toMatchFileSnapshot(path.join(FOLDER, file.replace(/\.gwtrace$/, ".txt")));
  });

  test("holds no credential and is small", async () => {
    expect((await traceOf(file)).recording.header).toMatchObject({
      redaction: "credentials",
      source: "tap",
    });
    const bytes = readFileSync(path.join(FOLDER, file));
    expect(bytes.includes("secret-token")).toBe(false);
    expect(statSync(path.join(FOLDER, file)).size).toBeLessThan(64 * 1024);
  });
});

test("a recording from the future is refused in one clear line", async () => {
  await expect(openRecording(path.join(FOLDER, "from-the-future.gwtrace"))).rejects.toMatchObject({
    code: "RECORDING_FROM_THE_FUTURE",
    message: expect.stringContaining("format version"),
    hint: expect.stringMatching(/^Use gw-trace/),
  });
});

test("the founding case: agent refused for operator.write, for want of a device identity, and where it succeeded", async () => {
  const traces = [
    await traceOf("sessions-spawn-77807.gwtrace"),
    await traceOf("direct-agent-control.gwtrace"),
  ];
  const [failing] = traces[0]?.connections ?? [];
  expect(failing?.scopes).toMatchObject({ requested: ["operator.write"], granted: [] });
  expect(failing?.scopes.effective).not.toContain("operator.write");
  const finding = diagnose(traces).find(
    ({ connection, rpc }) => connection === failing?.id && rpc !== null,
  );
  expect(finding).toMatchObject({
    code: "missing-scope-dropped",
    title: "agent was refused: missing scope operator.write",
    why: expect.stringContaining("no device identity"),
    contrast: { method: "agent", recording: "direct-agent-control" },
  });
});
