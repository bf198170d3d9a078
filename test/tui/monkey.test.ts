import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KEYS } from "./fake-terminal.ts";
import { foundingCase } from "./founding-case.ts";
import { runApp } from "./running-app.ts";

const SIZES = [
  [80, 24],
  [120, 40],
  [60, 16],
] as const;

/** All that a hand may hit; but Y, which writes a file elsewhere, and what ends or suspends the program. */
const KEY_POOL = [
  ...Object.values(KEYS),
  ..."abcdefghijklmnoprstuvwxyzABCDFGHJKLMNOPRSTUVWXZ".split(""),
  ..."0123456789/:?!=&|<>[]{}()+-.,;#@*~ ".split(""),
  "\x1b",
  "\x0c",
  "\x10",
  "4/missing",
  "/conn==c1",
];

const typed = fc.array(
  fc.record({ key: fc.constantFrom(...KEY_POOL), turns: fc.nat({ max: 6 }) }),
  { minLength: 1, maxLength: 40 },
);

const home = process.cwd();
let folder: string;

// Hands may write recordings and reports, too.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-monkey-"));
  process.chdir(folder);
});

afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

test("no keys, however fast, break the TUI", async () => {
  await fc.assert(
    fc.asyncProperty(typed, fc.constantFrom(...SIZES), async (strokes, size) => {
      await using app = await runApp(foundingCase(), { size });
      for (const { key, turns } of strokes) {
        app.keyboard.write(key);
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      }
      await app.press("\x1b", "\x1b");
      // It still paints: there are borders, or the help of a screen without.
      expect(app.screen.text().trim()).not.toBe("");
    }),
    { numRuns: 60 },
  );
}, 120_000);
