import { mkdtempSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CommandRunner } from "../commands.ts";
import type { FuzzTarget } from "../target.ts";
import { imports } from "./exchange.ts";
import { writeRecording } from "../../support/written.ts";
import { entriesOf, FRAME_WORDS, recordedConversations } from "./meaning.ts";
import { file, payloads, sealPayload } from "./recording.ts";

const SHIPPED = path.resolve(import.meta.dirname, "../../../recordings/scope-upgrade.gwtrace");

const folder = mkdtempSync(path.join(tmpdir(), "gw-trace-commands-"));
const INPUT = path.join(folder, "input");
const RECORDING = path.join(folder, "read.gwtrace");
const OUTPUT = path.join(folder, "out.gwtrace");

const runner = new CommandRunner({ GW_TRACE_DIR: folder });

/** Ends the process in which commands run, and what it wrote. */
export async function stopCommands(): Promise<void> {
  runner.stop();
  await rm(folder, { recursive: true, force: true });
}

/** What reads a recording, and ends by itself. */
const READING: readonly (readonly string[])[] = [
  ["show", RECORDING],
  ["show", "--json", RECORDING],
  ["show", "--frames", RECORDING],
  ["show", "--tail", "5", RECORDING],
  ["show", "--filter", "ok==false || event==chat", RECORDING],
  ["show", RECORDING, SHIPPED],
  ["explain", RECORDING],
  ["explain", RECORDING, "--with", SHIPPED],
  ["report", RECORDING],
  ["report", "--html", RECORDING],
  ["check", RECORDING],
  ["check", "--json", "--expect-scope", "operator.write", RECORDING],
  ["check", "--format", "junit", RECORDING],
  ["check", "--format", "sarif", RECORDING],
  ["check", "--format", "github", RECORDING],
  ["diff", RECORDING, SHIPPED],
  ["diff", "--json", SHIPPED, RECORDING],
  ["info", RECORDING],
  ["info", "--json", RECORDING],
  ["verify", RECORDING],
  ["verify", "--json", RECORDING],
  ["ls", "--json", folder],
  ["export", RECORDING],
  ["export", "--format", "har", RECORDING],
  ["scrub", "--check", RECORDING],
  ["scrub", "--level", "content", "--json", RECORDING, OUTPUT],
  ["scrub", "--level", "identifiers", RECORDING, OUTPUT],
  ["cut", "--connection", "1", "--json", "-o", OUTPUT, RECORDING],
  ["cut", "--from", "0s", "--to", "5s", "-o", OUTPUT, RECORDING],
  ["merge", "-o", OUTPUT, RECORDING, SHIPPED],
  ["minimize", "--keep-finding", "missing-scope", "--json", "-o", OUTPUT, RECORDING],
];

/** A number that depends on all of the input, so that each is read in a way of its own, and always the same. */
function pick<T>(items: readonly T[], input: Uint8Array): T {
  let sum = input.length;
  for (const byte of input) sum = (sum * 31 + byte) >>> 0;
  const item = items[sum % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** What a command did, in a few words. */
function behaviourOf(words: readonly string[], code: number, stderr: string): string {
  return `${words[0] ?? ""} ${code} ${stderr.replaceAll(/[\d.,]+/g, "#").slice(0, 60)}`;
}

/** Reads the recording with one of the commands; what that writes has to be sound. */
async function read(input: Uint8Array): Promise<string> {
  const words = pick(READING, input);
  await rm(OUTPUT, { force: true });
  const { code, stderr } = await runner.run(words);
  if (words.includes(OUTPUT) && code === 0) await expectSound(words, OUTPUT);
  return behaviourOf(words, code, stderr);
}

async function expectSound(words: readonly string[], recording: string): Promise<void> {
  const { code, stdout, stderr } = await runner.run(["verify", recording]);
  if (code > 1 || /damaged/.test(stdout))
    throw new Error(`gw-trace ${words.join(" ")} wrote what is not sound: ${stdout}${stderr}`);
}

/** Whole commands that read a recording as it lies on the disk, damaged in one way or another. */
export const reading: FuzzTarget = {
  ...file,
  name: "commands on recordings",
  oneIn: 120,
  async run(input) {
    await writeFile(RECORDING, input);
    return read(input);
  },
};

/** Whole commands that read a recording whose blocks are sound, but not what stands in them. */
export const readingPayloads: FuzzTarget = {
  ...payloads,
  name: "commands on payloads",
  oneIn: 120,
  async run(input) {
    await writeFile(RECORDING, await sealPayload(input));
    return read(input);
  },
};

/** Whole commands that read what clients and Gateways said, as the tap recorded it. */
export const readingTalk: FuzzTarget = {
  name: "commands on what was said",
  oneIn: 120,
  words: FRAME_WORDS,
  inputs: recordedConversations,
  async run(input) {
    await rm(RECORDING, { force: true });
    await writeRecording(RECORDING, [entriesOf(input)]);
    return read(input);
  },
};

/** Whole commands that import what other programs wrote, and read what came of it. */
export const importing: FuzzTarget = {
  ...imports,
  name: "commands on imports",
  oneIn: 240,
  words: [...imports.words, ...FRAME_WORDS],
  async run(input) {
    await writeFile(INPUT, input);
    await rm(RECORDING, { force: true });
    const words = ["import", "-o", RECORDING, INPUT];
    const { code, stderr } = await runner.run(words);
    if (code !== 0) return behaviourOf(words, code, stderr);
    await expectSound(words, RECORDING);
    return read(await readFile(RECORDING));
  },
};
