import type { Command } from "commander";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXAMPLES } from "../../src/cli/examples.ts";
import { loadCommand } from "../../src/cli/lazy-command.ts";
import { profileFor } from "../../src/gateway/profile.ts";
import { gatewayOf } from "../support/profile-gateway.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import { startScriptedGateway, type Answer, type Asked } from "../support/scripted-gateway.ts";
import { runCli } from "../support/run-cli.ts";
import { runPty, whyNoPty } from "../tui/pty.ts";

let gateway: Awaited<ReturnType<typeof startScriptedGateway>>;
let gatewayPort: string;

beforeAll(async () => {
  const byConnection = new Map<number, (asked: Asked) => Answer>();
  gateway = await startScriptedGateway((asked) => {
    const known = byConnection.get(asked.connection);
    const answer = known ?? gatewayOf({ profile: profileFor("2026.9.6") });
    byConnection.set(asked.connection, answer);
    return answer(asked);
  });
  gatewayPort = new URL(gateway.url).port;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

/** The line as it stands, but for the ports of this machine's own OpenClaw and of a tap that may be there. */
function onFreePorts(line: string): string {
  const moved = line.replace("--listen 127.0.0.1:18789", "--listen 127.0.0.1:0");
  const listens = /^gw-trace record(?!.* -- )/.test(line) ? " --listen 127.0.0.1:0" : "";
  return moved.replaceAll(/18789|18777/g, gatewayPort) + listens;
}

/** Runs a line in bash; one that waits for clients is interrupted when it says that it is ready. */
function run(
  { folder, env }: Sandbox,
  line: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const options = {
    cwd: folder,
    env: { ...env, OPENCLAW_GATEWAY_PORT: gatewayPort },
    detached: true,
  };
  const child = spawn("bash", ["-c", onFreePorts(line)], options);
  let waits = !/ -- |^OPENCLAW/.test(line) && / record|--listen/.test(line);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    if (!waits || !/stop with Ctrl-C|point clients there/.test(stderr)) return;
    waits = false;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  });
  child.stdout.resume();
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
}

/** Runs a line on a terminal until its keys are told, and quits. */
async function runInTerminal(
  { folder, env }: Sandbox,
  line: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const options = { ...env, OPENCLAW_GATEWAY_PORT: gatewayPort };
  await using terminal = await runPty(`cd ${folder}; exec ${line}`, options);
  await terminal.until("its keys are told", (screen) => screen.text().includes("? help"));
  terminal.type("q");
  return { code: await terminal.exit, stderr: "" };
}

/** Paths of all commands that do something themselves: `profile show`, not `profile`. */
async function commandPaths(): Promise<readonly string[]> {
  const paths: string[] = [];
  const visit = (command: Command, path: string): void => {
    if (command.commands.length === 0) paths.push(path);
    for (const inner of command.commands) visit(inner, `${path} ${inner.name()}`);
  };
  for (const [name, { hidden, load }] of Object.entries(COMMANDS))
    if (hidden !== true) visit(await load(), name);
  return paths;
}

/** All went well, or something was found (1), or it was interrupted as it should be (130). */
function isVerdict(code: unknown): boolean {
  return code === 0 || code === 1 || code === 130;
}

async function helpOf(path: string): Promise<string> {
  const [name = "", ...inner] = path.split(" ");
  const lazy = COMMANDS[name];
  if (lazy === undefined) throw new Error(`there is no command ${name}`);
  let command = await loadCommand(name, lazy);
  for (const word of inner)
    command = command.commands.find((one) => one.name() === word) ?? command;
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

test("help <command> is the command's own help", async () => {
  const help = await runCli(["help", "show"]);
  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("  gw-trace show last\n"),
  });
  expect(await runCli(["show", "--help"])).toEqual(help);
  expect(await runCli(["help", "shwo"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^gw-trace: unknown command 'shwo'\. Did you mean show\? .+\n$/),
  });
});

test("every command has examples, and only commands have", async () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual((await commandPaths()).toSorted());
});

describe.each(Object.entries(EXAMPLES))("%s", (path, examples) => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await createSandbox();
  });

  afterAll(() => sandbox[Symbol.asyncDispose]());

  test("its help shows them", async () => {
    const help = await helpOf(path);
    for (const { line } of examples) expect(help).toContain(`  ${line}\n`);
  });

  const inTerminal = path === "tui";
  test.skipIf(inTerminal && whyNoPty() !== null).each(examples)("$line", async ({ line }) => {
    const { code, stderr } = await (inTerminal ? runInTerminal : run)(sandbox, line);
    expect({ code, stderr }).toMatchObject({ code: expect.toSatisfy(isVerdict) });
    expect(stderr).not.toMatch(/^gw-trace: (?!a |mind|no token)/m);
  });
});
