import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";
import { readAll } from "../recording/sample.ts";
import { everything, scrub } from "./scrubbed.ts";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");

const RECORDINGS = readdirSync(SHIPPED).filter(
  (file) => file.endsWith(".gwtrace") && file !== "from-the-future.gwtrace",
);

async function shipped(file: string): Promise<readonly Entry[]> {
  await using reader = await openRecording(path.join(SHIPPED, file));
  return await readAll(reader);
}

/** What the reporter of #77807 took out by hand, by its form: each pattern finds it wherever it stands. */
const TAKEN_OUT: Readonly<Record<string, RegExp>> = {
  "run, session, connection and request ids": /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
  "device ids and hashes": /\b[0-9a-f]{64}\b/g,
  "public keys and signatures": /(?<="(?:publicKey|signature|nonce)":")[\w+/=-]{16,}/g,
  // OpenClaw's own placeholder is none, nor is what is too short to be one.
  tokens:
    /(?<="(?:token|deviceToken|bootstrapToken|password)":")(?!__OPENCLAW_REDACTED__)[^"<]{6,}/g,
  "session keys": /\bagent:[\w-]+:(?!main\b)[\w:.-]+/g,
  addresses: /\b(?!127\.|198\.1[89]\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}\b(?!\.)/g,
};

describe.each([
  ...RECORDINGS.map((file) => [file, shipped] as const),
  ...CAPTURES.map((name) => [name, readCapture] as const),
])("%s at identifiers", (file, read) => {
  test("holds none of what the reporter of #77807 had to take out by hand", async () => {
    const entries = await read(file);
    const before = everything(entries).replaceAll(String.raw`\"`, '"');
    const after = everything(scrub(entries, "identifiers").map(({ entry }) => entry));
    const left = Object.entries(TAKEN_OUT).flatMap(([what, pattern]) =>
      [...new Set(before.match(pattern))]
        .filter((value) => after.includes(value))
        .map((value) => `${what}: ${value}`),
    );
    expect(left).toEqual([]);
  });
});

test("all of these are in the recordings, so that something was there to be taken out", async () => {
  const entries = await Promise.all(RECORDINGS.map(shipped));
  const before = everything(entries.flat()).replaceAll(String.raw`\"`, '"');
  const found = Object.entries(TAKEN_OUT).filter(([, pattern]) => before.match(pattern) !== null);
  // Tokens were taken out before they reached the disk.
  expect(found.map(([what]) => what)).toEqual(
    Object.keys(TAKEN_OUT).filter((what) => what !== "tokens"),
  );
});
