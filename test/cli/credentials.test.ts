import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentialsFor } from "../../src/cli/credentials.ts";
import { resolveUpstream } from "../../src/tap/upstream.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway, type Answer } from "../support/scripted-gateway.ts";

const TOKEN = "live-token-0123456789";
const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-credentials-"));
  await writeFile(path.join(folder, "token"), `${TOKEN}\n`);
});

afterAll(() => rm(folder, { recursive: true }));

const ASKED: readonly (readonly [what: string, env: Record<string, string>, tokenFile: string | null])[] = [
  ["a token", { OPENCLAW_GATEWAY_TOKEN: TOKEN }, null],
  ["a password", { OPENCLAW_GATEWAY_PASSWORD: TOKEN }, null],
  ["a file", {}, "token"],
]; // prettier-ignore

describe.each(ASKED)("%s", (_, env, file) => {
  const ask = (url: string, options: { readonly allowPlaintext?: true } = {}) =>
    credentialsFor(
      resolveUpstream(url, {}),
      { ...options, ...(file === null ? {} : { tokenFile: path.join(folder, file) }) },
      env,
    );

  test.each([
    "ws://192.0.2.1:18789",
    "192.0.2.1:18789",
    "http://192.0.2.1:18789",
    "ws://gateway.example",
    "ws://127.0.0.1.example:18789",
    "ws://localhost.example",
    "ws://10.0.0.5:18789",
    "ws://[2001:db8::1]:18789",
    "ws://0.0.0.0:18789",
  ])("does not go to %s", async (url) => {
    await expect(ask(url)).rejects.toMatchObject({ code: "REMOTE_NOT_ALLOWED" });
    expect(Object.values(await ask(url, { allowPlaintext: true }))).toEqual([TOKEN]);
  });

  test.each([
    "ws://127.0.0.1:18789",
    "ws://localhost:18789",
    "ws://[::1]:18789",
    "ws://127.8.0.1:1",
    "wss://gateway.example",
  ])("goes to %s", async (url) => {
    expect(Object.values(await ask(url))).toEqual([TOKEN]);
  });
});

test("who has none may ask anywhere", async () => {
  expect(await credentialsFor(resolveUpstream("ws://gateway.example", {}), {}, {})).toEqual({});
});

test.each([
  ["probe", "--url", "ws://192.0.2.1:18789"],
  ["replay", "--as", "client", path.join(SHIPPED, "cli-health-2026.9.6.gwtrace"), "--url", "ws://192.0.2.1:18789"],
])("gw-trace %s refuses in one line, before it connects", async (...args) => {
  const env = { OPENCLAW_GATEWAY_TOKEN: TOKEN };
  const { code, stdout, stderr } = await runCli(args, { cwd: folder, env });
  expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
  expect(stderr).toContain("--allow-plaintext");
  expect(stderr).not.toContain(TOKEN);
}); // prettier-ignore

const hello = (echo: object): Answer => ({
  payload: { type: "hello-ok", protocol: 4, server: { version: "2026.9.6" }, features: { methods: ["status", "health", "agent"], events: [] }, auth: { role: "operator", scopes: [] }, ...echo },
}); // prettier-ignore

const missing = (scope: string): Answer => ({
  error: {
    code: "FORBIDDEN",
    message: `missing scope: ${scope}`,
    details: { code: "MISSING_SCOPE", missingScope: scope, requiredScopes: [scope] },
  },
});

/** Where a Gateway may say the token back, and what it answers to connect and to calls. */
const ECHOES: readonly (readonly [where: string, connect: Answer, call: Answer])[] = [
  ["its version", hello({ server: { version: TOKEN } }), missing("operator.read")],
  ["a method", hello({ features: { methods: ["status", TOKEN, `x.${TOKEN}.y`], events: [TOKEN] } }), missing("operator.read")],
  ["a scope that it grants", hello({ auth: { role: "operator", scopes: [TOKEN] } }), null],
  ["a missing scope", hello({}), missing(TOKEN)],
  ["an error code", hello({}), { error: { code: TOKEN, message: "no", details: { code: TOKEN } } }],
  ["a refusal of connect", { error: { code: "X", message: `bad token ${TOKEN}`, details: { got: TOKEN } } }, null],
  ["a close reason", { error: { code: "X", message: TOKEN }, close: 1008 }, null],
]; // prettier-ignore

test.each(ECHOES)("probe prints no token that a Gateway says back as %s", async (where, connect, call) => {
  await using gateway = await startScriptedGateway(({ method }) => (method === "connect" ? connect : call));
  const file = path.join(folder, `${where}.json`);
  for (const more of [[], ["--json"], ["-o", file]]) {
    const { stdout, stderr } = await runCli(["probe", "--url", gateway.url, ...more], {
      env: { OPENCLAW_GATEWAY_TOKEN: TOKEN },
    });
    expect(stdout + stderr).not.toBe("");
    expect(stdout + stderr).not.toContain(TOKEN);
  }
  expect(await readFile(file, "utf8").catch(() => "")).not.toContain(TOKEN);
  expect(gateway.asked[0]?.params["auth"]).toEqual({ token: TOKEN });
}); // prettier-ignore
