import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { challenge, connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { sampleHeader, temporaryFolder } from "../recording/sample.ts";
import { runGwTrace } from "./record-run.ts";

const COUNT = /entries 5-46 are missing/;

/** A recording that misses 42 entries, in a folder of its own. */
async function recordGap(): Promise<string> {
  const folder = await temporaryFolder();
  const writer = await createRecording(join(folder, "a.gwtrace"), sampleHeader);
  const entries = conversation({}, challenge(), connect(), helloOk(), req("1", "status"), ok("1"));
  for (const [index, entry] of entries.entries()) {
    if (index === 4) {
      const { atMs, wallMs } = entry;
      const missing = { missingEntries: 42, missingBytes: 4200, untilMs: atMs };
      writer.append({ kind: "gap", connection: 0, atMs, wallMs, reason: "no room", ...missing });
    }
    writer.append(entry);
  }
  await writer.close();
  return folder;
}

describe("what was not recorded is told by", () => {
  test.each([
    ["show", ["show", "a"], 0],
    ["show --json", ["show", "--json", "a"], 0],
    ["explain", ["explain", "a"], 0],
    ["report", ["report", "a"], 0],
    ["info", ["info", "a"], 0],
    ["info --json", ["info", "--json", "a"], 0],
    ["ls --json", ["ls", "--json"], 0],
    ["verify", ["verify", "a"], 1],
    ["check", ["check", "a"], 0],
    ["check --format json", ["check", "--format", "json", "a"], 0],
    ["check --format junit", ["check", "--format", "junit", "a"], 0],
    ["check --format sarif", ["check", "--format", "sarif", "a"], 0],
    ["check --format github", ["check", "--format", "github", "a"], 0],
    ["diff", ["diff", "a", "a"], 0],
    ["diff --json", ["diff", "--json", "a", "a"], 0],
  ])("%s", async (_name, args, code) => {
    const said = await runGwTrace(await recordGap(), args, code);
    expect(said.replaceAll(/\s+/g, " ")).toMatch(COUNT);
  });

  test("show --frames, at its place", async () => {
    const said = await runGwTrace(await recordGap(), ["show", "--frames", "a"]);
    expect(said).toContain("42 entries are missing: no room");
  });

  test("ls, in a word", async () => {
    expect(await runGwTrace(await recordGap(), ["ls"])).toContain("NOT ALL RECORDED");
  });

  test("check, as a failure where one asks for it", async () => {
    const said = await runGwTrace(await recordGap(), ["check", "--fail-on", "recording-incomplete", "a"], 1);
    expect(said.replaceAll(/\s+/g, " ")).toMatch(COUNT);
  }); // prettier-ignore

  test.each([
    ["scrubbed", ["scrub", "a", "b.gwtrace"]],
    ["cut", ["cut", "a", "--connection", "1", "-o", "b.gwtrace"]],
    ["merged", ["merge", "a", "a", "-o", "b.gwtrace"]],
  ])("a recording that was %s from it", async (_name, args) => {
    const folder = await recordGap();
    await runGwTrace(folder, args.map((arg) => (arg === "b.gwtrace" ? join(folder, arg) : arg)));
    await using reader = await openRecording(join(folder, "b.gwtrace"));
    expect(JSON.stringify(reader.missing)).toContain("missing");
  }); // prettier-ignore
});
