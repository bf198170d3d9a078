import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXAMPLES } from "../../src/cli/examples.ts";
import { loadCommand } from "../../src/cli/lazy-command.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import { runCli } from "../support/run-cli.ts";
import {
  complaintAbout,
  needsOpenClaw,
  needsTerminal,
  runShownLine,
  startNeighbours,
  type Neighbours,
} from "../support/shown-lines.ts";
import { whyNoPty } from "../tui/pty.ts";

let neighbours: Neighbours;

beforeAll(async () => {
  neighbours = await startNeighbours();
});

afterAll(() => neighbours[Symbol.asyncDispose]());

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

  const skipped = examples.some(
    ({ line }) => needsOpenClaw(line) || (whyNoPty() !== null && needsTerminal(line)),
  );
  test.skipIf(skipped).each(examples)("$line", async ({ line }) => {
    expect(complaintAbout(await runShownLine(sandbox, neighbours, line))).toBeNull();
  });
});
