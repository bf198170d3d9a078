import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkNode } from "../../src/cli/doctor-machine.ts";
import { VARIABLES } from "../../src/cli/doctor-variables.ts";
import { doctorDocument } from "../../src/schemas.ts";
import { runCli } from "../support/run-cli.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import { startScriptedGateway, type ScriptedGateway } from "../support/scripted-gateway.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** A port on which nobody listens: it was free a moment ago, and below those that are handed out. */
const NOBODY = "1";

let sandbox: Sandbox;
let gateway: ScriptedGateway;
let port: string;

beforeAll(async () => {
  sandbox = await createSandbox();
  gateway = await startScriptedGateway(() => null);
  port = new URL(gateway.url).port;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

async function diagnose(env: Readonly<Record<string, string>>) {
  const { code, stdout } = await runCli(["doctor", "--json"], {
    cwd: sandbox.folder,
    env: { ...sandbox.env, ...env },
  });
  const { ok, checkups, variables } = doctorDocument.parse(JSON.parse(stdout));
  const of = (wanted: string) => checkups.find(({ name }) => name === wanted);
  return { code, ok, of, variables, stdout };
}

test("all is well where OpenClaw and its Gateway are, and the Gateway is sent nothing", async () => {
  const { code, ok, of, variables } = await diagnose({ OPENCLAW_GATEWAY_PORT: port });
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(of("openclaw")?.says).toMatch(/^OpenClaw 2026\.9\.6 at .+; its rules were measured$/);
  expect(of("gateway")).toMatchObject({ status: "ok", says: expect.stringContaining(port) });
  expect(of("recordings")?.says).toMatch(/gw-trace; .+ free$/);
  expect(variables).toEqual([
    { name: "OPENCLAW_GATEWAY_PORT", does: VARIABLES["OPENCLAW_GATEWAY_PORT"] },
  ]);
  expect(gateway.asked).toEqual([]);
});

describe("says what to do", () => {
  test("where no Gateway answers", async () => {
    const { code, of } = await diagnose({ OPENCLAW_GATEWAY_PORT: NOBODY });
    expect(code).toBe(1);
    expect(of("gateway")).toMatchObject({
      status: "problem",
      says: expect.stringMatching(/^no Gateway answers at ws:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
      fix: expect.stringContaining("openclaw gateway"),
    });
  });

  test("where the configuration puts the Gateway on another port than is looked at", async () => {
    const state = path.join(sandbox.folder, "state");
    await mkdir(state);
    const settings = { gateway: { port: Number(port), auth: { token: "a-secret-token" } } };
    await writeFile(path.join(state, "openclaw.json"), JSON.stringify(settings));
    const env = { OPENCLAW_STATE_DIR: state, OPENCLAW_GATEWAY_URL: `ws://127.0.0.1:${NOBODY}` };
    const { of, stdout } = await diagnose(env);
    expect(of("config")?.says).toMatch(/gives the Gateway a port, a token$/);
    expect(of("gateway")?.fix).toContain(`set OPENCLAW_GATEWAY_PORT=${port}`);
    expect(stdout).not.toContain("a-secret-token");
  });

  test("where the URL is none", async () => {
    const { of } = await diagnose({ OPENCLAW_GATEWAY_URL: "ftp://x" });
    expect(of("gateway")).toMatchObject({ status: "problem", says: '"ftp://x" is no Gateway URL' });
  });

  test("where OpenClaw is not on the PATH, which is no problem", async () => {
    const { code, of } = await diagnose({ PATH: "/nowhere", OPENCLAW_GATEWAY_PORT: port });
    expect(of("openclaw")).toMatchObject({ status: "note", fix: expect.stringContaining("PATH") });
    expect(code).toBe(0);
  });

  test("where a variable is misspelt, or lacks its token", async () => {
    const misspelt = await diagnose({ GW_TRACE_DRI: "x", OPENCLAW_GATEWAY_PORT: port });
    expect(misspelt.of("variables")?.fix).toBe("Did you mean GW_TRACE_DIR?");
    const alone = await diagnose({ OPENCLAW_GATEWAY_URL: gateway.url });
    expect(alone.of("variables")?.fix).toContain("OPENCLAW_GATEWAY_TOKEN");
  });

  test("where the folder of recordings cannot be", async () => {
    const GW_TRACE_DIR = path.join(sandbox.folder, "exported.jsonl");
    const { of } = await diagnose({ GW_TRACE_DIR, OPENCLAW_GATEWAY_PORT: port });
    expect(of("recordings")).toMatchObject({ status: "problem", says: expect.stringContaining("is no folder") });
  }); // prettier-ignore

  test("where Node is too old", () => {
    expect(checkNode("20.18.3")).toMatchObject({ status: "problem", fix: "Install Node 20.19 or newer." });
    expect(checkNode("20.19.0").status).toBe("ok");
    expect(checkNode("26.1.0").status).toBe("ok");
  }); // prettier-ignore
});

test("no value of a variable is printed", async () => {
  const env = {
    OPENCLAW_GATEWAY_PORT: port,
    OPENCLAW_GATEWAY_TOKEN: "a-secret-token",
    OPENCLAW_GATEWAY_PASSWORD: "a-secret-password",
    OPENCLAW_SOMETHING: "a-secret-else",
  };
  const options = { cwd: sandbox.folder, env: { ...sandbox.env, ...env } };
  const { stdout, stderr } = await runCli(["doctor"], options);
  expect(stdout).toContain("OPENCLAW_GATEWAY_PASSWORD");
  expect(stdout).toContain("OPENCLAW_SOMETHING");
  expect(stdout + stderr).not.toContain("a-secret");
});

test("every variable that the code reads is told of", () => {
  const src = path.join(ROOT, "src");
  const read = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      Array.from(
        readFileSync(path.join(src, file), "utf8").matchAll(/\benv(?:\["|\.)([A-Z_]+)/g),
        ([, name = ""]) => name,
      ),
    );
  const system = ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TERM"];
  const untold = read.filter((name) => !system.includes(name) && !Object.hasOwn(VARIABLES, name));
  expect(read).toContain("GW_TRACE_DIR");
  expect(untold).toEqual([]);
});
