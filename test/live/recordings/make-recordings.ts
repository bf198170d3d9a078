import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNamespace, type Namespace } from "../harness/namespace.ts";
import { SCENARIOS } from "../scenarios/all.ts";
import { expectedSummaries, summaries } from "../scenarios/check.ts";
import { playRecorded } from "../scenarios/play.ts";
import { scopeUpgrade } from "../scenarios/scope-upgrade.ts";
import { cutShort, fromTheFuture } from "./derive.ts";

// Makes the recordings that are shipped. Run by people (`npm run recordings`), never by the checks: it writes into
// `recordings/`. A namespace is needed here, so that no name and no address of this machine gets into them.
const RECORDINGS = new URL("../../../recordings", import.meta.url).pathname;
const shipped = (name: string): string => join(RECORDINGS, `${name}.gwtrace`);

let namespace: Namespace;
let dir: string;

beforeAll(async () => {
  const made = await createNamespace();
  if ("whyNot" in made) throw new Error(made.whyNot);
  namespace = made;
  dir = await mkdtemp(join(tmpdir(), "gw-trace-recordings-"));
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

test.each(SCENARIOS)("$name", async (scenario) => {
  const made = join(dir, `${scenario.name}.gwtrace`);
  const { shown, secretsFound } = await playRecorded(scenario, namespace, made);
  expect(shown.recording).toMatchObject({ complete: true, missing: [] });
  expect(summaries(shown)).toEqual(expectedSummaries(scenario));
  expect(secretsFound).toEqual([]);
  // Written anew instead of copied: a recording is for its owner only, one that is shipped is for everybody.
  await writeFile(shipped(scenario.name), await readFile(made));
});

test("those derived from a real one", async () => {
  const real = await readFile(shipped(scopeUpgrade.name));
  await writeFile(shipped("from-the-future"), fromTheFuture(real));
  await writeFile(shipped("cut-short"), cutShort(real));
  expect(real.length).toBeGreaterThan(0);
});
