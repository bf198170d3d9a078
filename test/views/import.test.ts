import { expect, test } from "vitest";
import { renderImport } from "../../src/views/import.ts";

const outcome = {
  from: "a.jsonl",
  format: "json-lines",
  connections: 2,
  written: { entries: 3, missedEntries: 0 },
  remarks: { skipped: 0, problems: [], notes: [] },
  isRedacted: true,
} as const;

test("says what was read, and that it is redacted", () => {
  expect(renderImport(outcome)).toBe(
    "imported 2 connections, 3 entries from a.jsonl, credentials redacted\n",
  );
});

test("says what was left out and why, and that credentials are in clear", () => {
  const remarks = {
    skipped: 3,
    problems: ["line 2: not a JSON object\u001b[2J"],
    notes: ["no meta line: when is unknown"],
  };
  const written = { entries: 3, missedEntries: 2 };
  const told = renderImport({ ...outcome, remarks, written, isRedacted: false });
  expect(told.split("\n")).toEqual([
    "imported 2 connections, 3 entries from a.jsonl, credentials IN CLEAR",
    "  no meta line: when is unknown",
    "3 lines skipped",
    String.raw`  line 2: not a JSON object\x1b[2J`,
    "  … and 2 more",
    "NOT IN IT: 2 entries; the recording says where",
    "",
  ]);
  expect(renderImport({ ...outcome, format: "har", remarks })).toContain("\n3 parts skipped\n");
});
