import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { inlineCode, PAGE_FILES, readPage, shellBlocks } from "../support/pages.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import {
  complaintAbout,
  needsTerminal,
  runShownLine,
  startNeighbours,
  type Neighbours,
} from "../support/shown-lines.ts";
import { whyNoPty } from "../tui/pty.ts";

const PAGES = PAGE_FILES.map(readPage);

/** Lines that are for a checkout, not for a user of gw-trace; test/docs.test.ts looks whether their scripts exist. */
const OF_A_CHECKOUT = /^npm /;

let neighbours: Neighbours;

beforeAll(async () => {
  neighbours = await startNeighbours();
});

afterAll(() => neighbours[Symbol.asyncDispose]());

/** Every command and option that there is. */
async function vocabulary(): Promise<{
  readonly commands: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
}> {
  const commands = new Set(["help"]);
  const options = new Set(["--help", "--version"]);
  const visit = (command: Command, path: string): void => {
    commands.add(path);
    for (const { long } of command.options) if (typeof long === "string") options.add(long);
    for (const inner of command.commands) visit(inner, `${path} ${inner.name()}`);
  };
  for (const [name, { load }] of Object.entries(COMMANDS)) visit(await load(), name);
  return { commands, options };
}

test("every command and every option that prose names exists", async () => {
  const { commands, options } = await vocabulary();
  const unknown = PAGES.flatMap(({ file, text }) =>
    inlineCode({ file, text }).flatMap((code) => {
      const [, command] = /^gw-trace ([a-z_]+)/.exec(code) ?? [];
      const wrongCommand = command !== undefined && !commands.has(command) ? [command] : [];
      const named = Array.from(code.matchAll(/(?<![\w-])--[a-z][\w-]*/g), ([option]) => option);
      const wrong = [...wrongCommand, ...named.filter((option) => !options.has(option))];
      return wrong.map((word) => `${file}: ${word}`);
    }),
  );
  expect(unknown).toEqual([]);
});

/** The blocks of all pages that hold something to run. */
const BLOCKS = PAGES.flatMap((page) =>
  shellBlocks(page).map((lines, index) => ({
    title: `${page.file}, shell block ${index + 1}`,
    lines: lines.filter((line) => !OF_A_CHECKOUT.test(line)),
  })),
).filter(({ lines }) => lines.length > 0);

// One line after the other in one folder, as somebody would who reads the block from top to bottom.
describe.each(BLOCKS)("$title", ({ lines }) => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await createSandbox();
  });

  afterAll(() => sandbox[Symbol.asyncDispose]());

  test.skipIf(lines.some(needsTerminal) && whyNoPty() !== null).each(lines)("%s", async (line) => {
    expect(complaintAbout(await runShownLine(sandbox, neighbours, line))).toBeNull();
  });
});

test("what is to be run stands in shell blocks", () => {
  const others = PAGES.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/^```(\w*)\n(.*?)^```$/gms)).flatMap(([, kind, block = ""]) =>
      kind !== "sh" && /^gw-trace /m.test(block) ? [`${file}: ${block}`] : [],
    ),
  );
  expect(others).toEqual([]);
});
