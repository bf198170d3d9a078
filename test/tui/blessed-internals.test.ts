import blessed from "blessed";
import { expect, test } from "vitest";
import { FakeInput, FakeOutput } from "./fake-terminal.ts";

// The painter writes into blessed's own grid. Should a version of blessed change these, this fails first and says where.
test("blessed still has the internals that the screen builds on", async () => {
  expect(typeof blessed.Tput.prototype._prefix).toBe("function"); // oxlint-disable-line no-underscore-dangle -- the name under test
  const streams: object = { input: new FakeInput(), output: new FakeOutput(20, 5) };
  const screen = blessed.screen({ ...streams, terminal: "xterm-256color" });
  try {
    for (const grid of [screen.lines, screen.olines]) {
      expect(grid).toHaveLength(5);
      expect(grid[0]).toHaveLength(20);
      expect(grid[0]?.[0]).toEqual([(0x1ff << 9) | 0x1ff, " "]);
    }
    expect(screen.lines[0]?.dirty).toBe(false);
    expect(typeof screen.program._owrite).toBe("function"); // oxlint-disable-line no-underscore-dangle -- the name under test
    expect(screen.tput).toHaveProperty("brokenACS");
    for (const method of ["draw", "realloc", "leave", "enter"] as const)
      expect(screen).toHaveProperty(method);
  } finally {
    screen.destroy();
  }
});
