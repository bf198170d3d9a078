import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isJsonObject } from "../../src/gateway/json-object.ts";
import { NOT_MEASURED } from "../../src/gateway/measured.ts";
import { parseProfile, RULE_NAMES, type Profile } from "../../src/gateway/profile.ts";
import { profileFor } from "../support/profiles.ts";
import { gwTraceCommand } from "./harness/gw-trace.ts";
import { nodeBinary, openClawEntry, OPENCLAW_VERSIONS } from "./harness/install.ts";
import { runProcess } from "./harness/process.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-measure-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Where both know something, and something else. */
function differences(one: Profile, other: Profile): readonly string[] {
  return RULE_NAMES.flatMap((rule) => {
    const [a, b]: readonly unknown[] = [one[rule], other[rule]];
    if (!isJsonObject(a) || !isJsonObject(b)) return isOther(a, b) ? [rule] : [];
    const names = Object.keys({ ...a, ...b });
    return names.filter((name) => isOther(a[name] ?? false, b[name] ?? false)).map((name) => `${rule} > ${name}`); // prettier-ignore
  });
}

function isOther(a: unknown, b: unknown): boolean {
  if (a === NOT_MEASURED || b === NOT_MEASURED) return false;
  if (!isJsonObject(a) || !isJsonObject(b)) return JSON.stringify(a) !== JSON.stringify(b);
  // A detail that no case shows is not there in what was measured.
  return Object.keys(b).some((name) => isOther(a[name] ?? false, b[name] ?? false));
}

/** What is known to be other than the rules that come along say. */
const KNOWN: readonly string[] = [
  "ownedMethods > sessions.github.publish",
  "halfOpenMethods > question.list",
  "roleRefusalsInARow",
];

test("a measured Gateway has the rules that come along for its version", { timeout: 600_000 }, async () => {
  const [, version] = OPENCLAW_VERSIONS;
  const output = join(folder, "measured.json");
  const openClaw = join(openClawEntry(version), "..");
  const command = gwTraceCommand(["measure", "--openclaw", openClaw, "--node", nodeBinary(), "-o", output]);
  const { code, stderr } = await runProcess(command, { cwd: folder, env: process.env, timeoutMs: 590_000 });
  expect([code, stderr]).toEqual([0, expect.stringContaining(`wrote ${output}`)]);
  const text = await readFile(output, "utf8");
  const parsed = parseProfile(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { profile } = parsed;
  expect(profile.version).toBe(version);
  expect(differences(profileFor(version), profile).filter((name) => !KNOWN.includes(name))).toEqual([]);
  const { proofs, unexplained } = JSON.parse(text);
  expect(Object.keys(proofs).length).toBeGreaterThan(90);
  // Roles in the other direction, tokens without authentication, and what nodes from afar are told.
  expect(unexplained.filter((name: string) => !/comes as operator|^none: .* with a new device|^far: .*node/.test(name))).toEqual([]);
}); // prettier-ignore
