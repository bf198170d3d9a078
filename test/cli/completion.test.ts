import type { Argument, Command, Option } from "commander";
import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { VALUE_KINDS } from "../../src/cli/complete-values.ts";
import { valueName } from "../../src/cli/complete-words.ts";
import { runCli } from "../support/run-cli.ts";
import { createSandbox, type Sandbox } from "../support/sandbox.ts";
import { runPty, whyNoPty } from "../tui/pty.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** The values that are offered at the end of a line; the last word is the one the cursor is in. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const env = { GW_TRACE_DIR: path.join(ROOT, "recordings") };
  const { stdout } = await runCli(["__complete", "--", ...words], { env });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")[0] ?? ""]));
}

test("commands, options, choices, recordings, findings, versions and files are offered", async () => {
  expect(await complete("sh")).toEqual(["show"]);
  expect(await complete("help", "prof")).toEqual(["profile"]);
  expect(await complete("profile", "")).toEqual(["diff", "show", "ls", "history"]);
  expect(await complete("show", "--fi")).toEqual(["--filter"]);
  expect(await complete("check", "x", "--format", "s")).toEqual(["sarif"]);
  expect(await complete("check", "x", "--format=s")).toEqual(["--format=sarif"]);
  expect(await complete("show", "sess")).toEqual(["sessions-spawn-77807", ":files"]);
  expect(await complete("show", "one", "la")).toEqual(["last", ":files"]);
  expect(await complete("minimize", "last", "--keep-finding", "pairing-")).toEqual(["pairing-required"]);
  expect(await complete("profile", "show", "2026.9")).toEqual(["2026.9.6", ":files"]);
  expect(await complete("check", "last", "--expect-scope", "operator.w")).toEqual(["operator.write"]);
  expect(await complete("replay", "last", "--", "op")).toEqual([":files"]);
  expect(await complete("completion", "z")).toEqual(["zsh"]);
  expect(await complete("nosuch", "")).toEqual([]);
  expect(await complete("constructor", "")).toEqual([]);
}); // prettier-ignore

test("bash parts a word at =, and is given the part behind it", async () => {
  expect(await complete("check", "--format", "=")).toContain("junit");
  expect(await complete("check", "--format", "=", "ju")).toEqual(["junit"]);
});

test("every value in the usage of every command is of a known kind", async () => {
  const unknown: string[] = [];
  const visit = (command: Command): void => {
    const valued: readonly (Argument | Option)[] = [
      ...command.registeredArguments,
      ...command.options.filter(({ required, optional }) => required || optional),
    ];
    for (const one of valued) {
      if (one.argChoices !== undefined || command.name() === "__complete") continue;
      const name = valueName(one);
      if (!Object.hasOwn(VALUE_KINDS, name)) unknown.push(`${command.name()} <${name}>`);
    }
    for (const inner of command.commands) visit(inner);
  };
  for (const { load } of Object.values(COMMANDS)) visit(await load());
  expect(unknown).toEqual([]);
});

describe("in a real shell", () => {
  let sandbox: Sandbox;
  let folder: string;

  beforeAll(async () => {
    sandbox = await createSandbox();
    folder = sandbox.folder;
    for (const shell of ["bash", "zsh", "fish"]) {
      const { stdout } = await runCli(["completion", shell]);
      await writeFile(path.join(folder, `completion.${shell}`), stdout);
    }
  });

  afterAll(() => sandbox[Symbol.asyncDispose]());

  /** Types into a shell on a terminal until the screen shows what is wanted; gives the screen. */
  async function typeInto(shell: string, keys: string, wanted: string): Promise<string> {
    await using run = await runPty(`cd ${folder}; exec ${shell}`, sandbox.env);
    await run.until("the prompt is there", (screen) => screen.text().includes("ready>"));
    run.type(keys);
    await run.until(`${wanted} is there`, (screen) => screen.text().includes(wanted));
    return run.screen.text();
  }

  const LINES = [
    ["a command", "gw-trace expl\t", "gw-trace explain"],
    ["an option", "gw-trace check --max-l\t", "gw-trace check --max-latency"],
    ["a choice behind =", "gw-trace check --format=jun\t", "gw-trace check --format=junit"],
    ["a recording", "gw-trace show sessions-s\t", "gw-trace show sessions-spawn-77807"],
    ["a file", "gw-trace show completion.b\t", "gw-trace show completion.bash"],
  ] as const;

  describe.skipIf(whyNoPty() !== null || !isThere("bash"))("bash", () => {
    test.each(LINES)("completes %s", async (_, keys, wanted) => {
      const rc = path.join(folder, "bashrc");
      await writeFile(rc, `PS1='ready>'; source ${folder}/completion.bash\n`);
      const screen = await typeInto(`bash --noprofile --rcfile ${rc} -i`, keys, wanted);
      expect(screen).toContain(wanted);
    });
  });

  describe.skipIf(whyNoPty() !== null || !isThere("zsh"))("zsh", () => {
    test.each(LINES)("completes %s", async (_, keys, wanted) => {
      const rc = `autoload -U compinit; compinit -u; PS1='ready>'; source ${folder}/completion.zsh\n`;
      await writeFile(path.join(folder, ".zshrc"), rc);
      const screen = await typeInto(`env ZDOTDIR=${folder} zsh -d -i`, keys, wanted);
      expect(screen).toContain(wanted);
    });
  });

  describe.skipIf(!isThere("fish"))("fish", () => {
    test.each(LINES)("completes %s", async (_, keys, wanted) => {
      const script = `source ${folder}/completion.fish; complete -C ${JSON.stringify(keys.trim())}`;
      const run = promisify(execFile)("fish", ["--no-config", "-c", script], {
        cwd: folder,
        env: sandbox.env,
      });
      const offered = (await run).stdout.split("\n").map((line) => line.split("\t")[0]);
      expect(offered).toContain(wanted.split(" ").at(-1));
    });
  });
});

function isThere(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}
