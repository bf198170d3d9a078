import { expect, test } from "vitest";
import { renderImport } from "../../src/views/import.ts";

const entries = [1, 1, 2].map((connection) => ({
  kind: "gap" as const,
  atMs: 0,
  wallMs: 0,
  connection,
  reason: "",
  missingEntries: 0,
  missingBytes: 0,
  untilMs: 0,
}));
const written = { path: "x.gwtrace", missedEntries: 0 };

test("says what was read, and that it is redacted", () => {
  const capture = { entries, skippedLines: 0, problems: [] };
  expect(renderImport("a.jsonl", capture, written, true)).toBe(
    "imported 2 connections, 3 entries from a.jsonl, credentials redacted\n",
  );
});

test("says what was left out and why, and that credentials are in clear", () => {
  const problems = ["no meta line: when is unknown", "line 2: not a JSON object\u001b[2J"];
  const capture = { entries, skippedLines: 3, problems };
  expect(renderImport("-", capture, { ...written, missedEntries: 2 }, false).split("\n")).toEqual([
    "imported 2 connections, 3 entries from standard input, credentials IN CLEAR",
    "3 lines skipped",
    "  no meta line: when is unknown",
    String.raw`  line 2: not a JSON object\x1b[2J`,
    "  … and 2 more",
    "NOT WRITTEN: 2 entries; the recording says where",
    "",
  ]);
});
