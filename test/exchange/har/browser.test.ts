import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseHar } from "../../../src/exchange/har/import.ts";
import type { NewEntry } from "../../../src/recording/entry.ts";
import { openRecording } from "../../../src/recording/reader.ts";
import { createRedactor } from "../../../src/redaction/redaction.ts";
import { readAll } from "../../recording/sample.ts";
import { saidBy } from "../../support/said-by.ts";

/*
 * The Control UI of OpenClaw 2026.5.4 in Chromium 156, recorded in one run by the tap, by Playwright 1.65 and by Chromium's own
 * DevTools (test/live/browser-har.test.ts makes the like anew). Of plain HTTP a few calls are kept, without bodies; what was a
 * credential of that throw-away Gateway is another text of the same length.
 */
const FIXTURES = path.resolve(import.meta.dirname, "../fixtures");

async function tapped(): Promise<readonly NewEntry[]> {
  await using reader = await openRecording(path.join(FIXTURES, "control-ui.gwtrace"));
  return await readAll(reader);
}

/** A secret is named after the first place where it stood, and only the HAR holds the HTTP calls before. */
function withoutKinds(said: unknown): unknown {
  return JSON.parse(
    JSON.stringify(said).replaceAll(/<redacted:(?:token|authorization)>/g, "<redacted>"),
  );
}

describe.each([
  ["playwright", "Playwright 1.65.1", "milliseconds"],
  ["devtools", "WebInspector 537.36", "seconds"],
])("a HAR of %s", (name, writer, unit) => {
  async function imported() {
    const text = await readFile(path.join(FIXTURES, `control-ui.${name}.har`), "utf8");
    return parseHar(text, name);
  }

  test("holds what the tap saw, message by message, and is redacted as the tap does", async () => {
    const redactor = createRedactor("credentials");
    const entries = (await imported()).entries.map((entry) => redactor.redact(entry));
    expect(JSON.stringify(entries)).not.toContain("throw-away-token");
    for (const side of ["client", "gateway"] as const) {
      const seen = await saidBy(side, entries);
      expect(seen.length).toBeGreaterThan(10);
      const tap = (await saidBy(side, await tapped())).slice(0, seen.length);
      expect(withoutKinds(seen)).toEqual(withoutKinds(tap));
    }
  });

  test("tells the times of the tap, within what two programs on one machine differ", async () => {
    const { header, entries, remarks } = await imported();
    expect(remarks).toMatchObject({ skipped: 0, problems: [] });
    expect(remarks.notes).toContain(`HAR of ${writer}: message times are in ${unit}`);
    const wallMs = (list: readonly NewEntry[]) =>
      list.flatMap((entry) => (entry.kind === "message" ? [entry.wallMs] : []));
    // Both are files: their times do not depend on the machine that runs this.
    for (const [index, atMs] of wallMs(entries).entries())
      expect(Math.abs(atMs - (wallMs(await tapped())[index] ?? 0))).toBeLessThan(5000);
    expect(header.upstream).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  });

  test("has the calls that went over the wire, and not the one from the cache", async () => {
    const { entries, remarks } = await imported();
    expect(
      entries.flatMap((entry) => (entry.kind === "http-request" ? [entry.target] : [])),
    ).toEqual(["/", "/__openclaw/control-ui-config.json", "/"]);
    expect(entries.flatMap((entry) => (entry.kind === "http-response" ? [entry.status] : []))).toEqual([200, 200, 101]);
    expect(remarks.notes).toContain("1 call that a browser answered itself left out");
  }); // prettier-ignore
});
