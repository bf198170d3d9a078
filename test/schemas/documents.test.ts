import type { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { COMMANDS } from "../../src/cli/commands.ts";
import { profileFor } from "../support/profiles.ts";
import { DOCUMENTS, errorDocument } from "../../src/schemas.ts";
import { gatewayOf } from "../support/profile-gateway.ts";
import { runCli } from "../support/run-cli.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";

const FAILING = "sessions-spawn-77807";
const WORKING = "direct-agent-control";
const UPGRADED = ["cli-health-2026.5.4", "cli-health-2026.9.6"];

/** Command lines whose output is held against the schema of their command. */
const LINES: Readonly<Record<keyof typeof DOCUMENTS, readonly (readonly string[])[]>> = {
  check: [
    [FAILING, WORKING, "scope-upgrade", "cut-short"],
    [FAILING, "--expect-method", "agent", "--forbid-method", "nope", "--expect-scope", "write", "--max-latency", "1ms"],
  ],
  cut: [[FAILING, "--connection", "1", "-o", "cut.gwtrace"]],
  diff: [UPGRADED, [FAILING, WORKING]],
  doctor: [[]],
  findings: [[]],
  import: [["exported.jsonl", "-o", "imported.gwtrace"]],
  info: [[FAILING, "cut-short"]],
  ls: [[], ["nowhere"]],
  merge: [[FAILING, WORKING, "-o", "merged.gwtrace"]],
  minimize: [[FAILING, "--keep-finding", "missing-scope", "-o", "minimal.gwtrace"]],
  probe: [[]],
  "profile diff": [["2026.2.19", "2026.9.6"]],
  "profile history": [["sessions.patch"]],
  "profile ls": [[]],
  "profile show": [["2026.9.6"], ["2026.3.13"]],
  prune: [["--older-than", "1ms", "--dry-run"]],
  record: [
    ["by-client", "--", "openclaw", "status"],
    ["flight", "--keep", "1MB", "--", "openclaw", "status"],
  ],
  replay: [
    [FAILING, "-o", "played.gwtrace", "--", "openclaw", "status"],
    ["cli-health-2026.9.6", "--assume", "local", "-o", "health.gwtrace", "--", "openclaw", "gateway", "call", "health"],
    ["--as", "client", UPGRADED[1] ?? "", "-o", "clients.gwtrace"],
  ],
  scrub: [[FAILING, "shared.gwtrace"], [FAILING, "--check"]],
  show: [
    [FAILING],
    [FAILING, WORKING, "scope-upgrade", "token-rotation-denied", "missing-scope-2026.9.6", "cut-short", ...UPGRADED],
  ],
  verify: [[FAILING, "cut-short"]],
}; // prettier-ignore

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const schemas = new Map<string, z.ZodType>(Object.entries(DOCUMENTS));

/** A schema drops what it does not know, so a document that comes out whole holds nothing undocumented. */
function expectDocumented(schema: z.ZodType, text: string): void {
  const document: unknown = JSON.parse(text);
  expect(schema.parse(document)).toEqual(document);
}

const RUNS = Object.entries(LINES).flatMap(([path, lines]) =>
  lines.map((args) => [[path, ...args].join(" "), path, args] as const),
);

test.each(RUNS)("gw-trace %s --json", async (_, path, args) => {
  await using gateway = await startScriptedGateway(gatewayOf({ profile: profileFor("2026.9.6") }));
  const env = { ...sandbox.env, OPENCLAW_GATEWAY_PORT: new URL(gateway.url).port };
  const words = [...path.split(" "), "--json", ...args];
  const { code, stdout, stderr } = await runCli(words, { cwd: sandbox.folder, env });
  expect({ code, stderr }).toMatchObject({ code: expect.toSatisfy((is) => is === 0 || is === 1) });
  const schema = schemas.get(path);
  if (schema === undefined) throw new Error(`${path} has no schema`);
  const texts = path === "record" ? stdout.trim().split("\n") : [stdout];
  for (const text of texts) expectDocumented(schema, text);
});

test("every command with --json has a schema", async () => {
  const paths: string[] = [];
  const visit = (command: Command, path: string): void => {
    if (command.options.some(({ long }) => long === "--json")) paths.push(path);
    for (const inner of command.commands) visit(inner, `${path} ${inner.name()}`);
  };
  for (const [name, { load }] of Object.entries(COMMANDS)) visit(await load(), name);
  expect(Object.keys(DOCUMENTS).toSorted()).toEqual(paths.toSorted());
});

test.each([
  ["a failure", ["show", "nosuch"]],
  ["an unknown command", ["sho"]],
  ["an unknown option", ["show", "x", "--nope"]],
  ["a missing argument", ["show"]],
  ["a choice that there is not", ["check", "x", "--format", "jsn"]],
  ["a Gateway that is not there", ["probe", "--url", "ws://127.0.0.1:1"]],
  ["a command that is not there", ["record", "--", "nosuchcommand"]],
])("with --json %s is one line of JSON on standard error", async (_, args) => {
  const options = { cwd: sandbox.folder, env: sandbox.env };
  const { code, stderr } = await runCli([args[0] ?? "", "--json", ...args.slice(1)], options);
  expect(code).toBe(args[0] === "probe" ? 3 : 2);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expectDocumented(errorDocument, stderr);
});

test("--json behind -- is the command's own", async () => {
  const args = ["record", "--nope", "--", "openclaw", "--json"];
  const { stderr } = await runCli(args, { cwd: sandbox.folder, env: sandbox.env });
  expect(stderr).toMatch(/^gw-trace: unknown option '--nope'/);
});
