import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fuzz, FuzzFailure } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import {
  importing,
  reading,
  readingPayloads,
  readingTalk,
  stopCommands,
} from "./targets/commands.ts";
import { imports } from "./targets/exchange.ts";
import { filters, profiles } from "./targets/language.ts";
import { meaning } from "./targets/meaning.ts";
import { file, payloads } from "./targets/recording.ts";
import { redaction, scrubbing } from "./targets/secrets.ts";
import { stopTap, tapping } from "./targets/tap.ts";
import { wire } from "./targets/wire.ts";

/*
 * A bounded run, the same each time. For a long one: GW_TRACE_FUZZ_SEED=7 npm run fuzz. What it finds
 * it keeps in crashes/, where it is tried first from then on.
 */
const CASES = Number(process.env["GW_TRACE_FUZZ_CASES"] ?? 12_000);
const SEED = Number(process.env["GW_TRACE_FUZZ_SEED"] ?? 1);
const IS_LONG = process.env["GW_TRACE_FUZZ_CASES"] !== undefined;
const CRASHES = path.join(import.meta.dirname, "crashes");

const TARGETS = [
  wire,
  file,
  payloads,
  meaning,
  redaction,
  scrubbing,
  filters,
  imports,
  profiles,
  reading,
  readingPayloads,
  readingTalk,
  importing,
  tapping,
];

afterAll(stopCommands);
afterAll(stopTap);
afterAll(() => {
  if (IS_LONG) console.log(`all targets: ${allCases} cases, seed ${SEED}`);
});

let allCases = 0;

function crashesOf({ name }: FuzzTarget): readonly string[] {
  const folder = path.join(CRASHES, name.replaceAll(/\W+/g, "-"));
  try {
    return readdirSync(folder).map((crash) => path.join(folder, crash));
  } catch {
    return [];
  }
}

function keep({ name }: FuzzTarget, { input }: FuzzFailure): void {
  const folder = path.join(CRASHES, name.replaceAll(/\W+/g, "-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${SEED}-${input.length}.bin`), input);
}

describe.each(TARGETS)("$name", (target) => {
  test.each(crashesOf(target))("bears %s", async (crash) => {
    expect(await target.run(readFileSync(crash))).toBeTypeOf("string");
  });

  test("bears what no one would send", { timeout: IS_LONG ? 36_000_000 : 120_000 }, async () => {
    const startMs = performance.now();
    try {
      const { cases, behaviours } = await fuzz(target, Math.ceil(CASES / (target.oneIn ?? 1)), SEED);
      allCases += cases;
      const seconds = (performance.now() - startMs) / 1000;
      if (IS_LONG) console.log(`${target.name}: ${cases} cases, ${behaviours} behaviours, ${seconds.toFixed(0)} s`);
      // Inputs that all end in the same way would try nothing.
      expect(behaviours).toBeGreaterThan(1);
    } catch (error) {
      if (IS_LONG && error instanceof FuzzFailure) keep(target, error);
      throw error;
    }
  });
}); // prettier-ignore
