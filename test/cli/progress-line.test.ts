import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { ProgressLine, renderShare } from "../../src/cli/progress-line.ts";

/** A line on a stream, at times that the test sets. */
function lineOn(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  let written = "";
  stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
  const clock = { ms: 0 };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of a terminal that is looked at
  const line = new ProgressLine(stream as unknown as NodeJS.WriteStream, () => clock.ms);
  return { line, clock, written: () => written };
}

describe("progress", () => {
  test("what is done within a second says nothing", () => {
    const { line, clock, written } = lineOn(true);
    for (clock.ms = 0; clock.ms < 1000; clock.ms += 10) line.show(() => "50 %");
    line.end();
    expect(written()).toBe("");
  });

  test("on a terminal it is one line that changes ten times a second at most, and goes away", () => {
    const { line, clock, written } = lineOn(true);
    for (clock.ms = 0; clock.ms <= 1210; clock.ms += 10) line.show(() => `${clock.ms}`);
    line.end();
    expect(written()).toBe("\r\u001b[K1000\r\u001b[K1100\r\u001b[K1200\r\u001b[K");
  });

  test("elsewhere it is a line every five seconds", () => {
    const { line, clock, written } = lineOn(false);
    for (clock.ms = 0; clock.ms <= 11_000; clock.ms += 100) line.show(() => `${clock.ms}`);
    line.end();
    expect(written()).toBe("5000\n10000\n");
  });

  test.each([
    [0, 0, "0 %"],
    [1, 3, "33 %"],
    [3, 3, "100 %"],
    [5, 3, "100 %"],
  ])("%d of %d is %s", (done, total, share) => {
    expect(renderShare(done, total)).toBe(share);
  });
});
