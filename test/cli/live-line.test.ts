import { WriteStream } from "node:tty";
import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { LiveLine } from "../../src/cli/live-line.ts";
import { renderRecordStatus } from "../../src/views/record-status.ts";

async function screen(write: (line: LiveLine) => void): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 40, rows: 6, convertEol: true, allowProposedApi: true });
  let written = "";
  const stream: WriteStream = Object.create(WriteStream.prototype, {
    columns: { value: 40 },
    write: { value: (text: string) => (written += text) },
  });
  write(new LiveLine(stream));
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: 6 }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
  return lines.filter((line) => line !== "");
} // prettier-ignore

test("finished lines stand above the live one, which is written over", async () => {
  const lines = await screen((live) => {
    live.print("first");
    live.update("1 frame and some more");
    live.update("2 frames");
    live.print("second");
    live.update("3 frames");
  });
  expect(lines).toEqual(["first", "second", "3 frames"]);
});

test("a live line never wraps, and leaves nothing behind", async () => {
  const long = await screen((live) => {
    live.update("x".repeat(100));
    live.update("short");
  });
  expect(long).toEqual(["short"]);
  expect(await screen((live) => (live.update("gone"), live.update(""), live.print("end")))).toEqual(["end"]); // prettier-ignore
});

test.each([
  [0, "none dropped"],
  [1200, "1,200 NOT RECORDED"],
])("the status with %i entries missed", (missedEntries, expected) => {
  const counts = { open: 3, connections: 12, frames: 1204, framesPerSecond: 340.2 };
  const status = renderRecordStatus({
    ...counts,
    sizeBytes: 2_300_000,
    findings: 1,
    missedEntries,
  });
  expect(status).toBe(
    `3 open of 12 connections  1,204 frames  340/s  2.3 MB  1 finding  ${expected}`,
  );
});
