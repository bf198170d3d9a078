import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { allFrames } from "../../src/tui/reading/frame-list.ts";
import { Task } from "../../src/tui/task.ts";
import { writeFrames } from "../../src/tui/write-files.ts";
import { readTrace } from "../../src/trace/read.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { connect, conversation, helloOk, ok, refused, req } from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { HEADER } from "../support/traces.ts";

/** A recording with every entry in a block of its own. */
async function record(file: string): Promise<void> {
  const writer = await createRecording(file, HEADER);
  const calls = [1, 2, 3, 4].flatMap((id) => [req(`${id}`, "health"), ok(`${id}`)]);
  const talk = conversation({}, connect({ scopes: ["operator.read"] }), helloOk(), ...calls, req("9", "agent"), refused("9", "INVALID_REQUEST", "missing scope: operator.write"));
  for (const entry of talk) {
    writer.append(entry);
    await writer.flush();
  }
  await writer.close();
} // prettier-ignore

/** Where each block begins. */
function blocksOf(bytes: Buffer): readonly number[] {
  const marker = Buffer.from("ff475742", "hex");
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) places.push(at);
  return places;
}

const DAMAGE: Readonly<Record<string, (file: string) => Promise<void>>> = {
  async "lost in the middle"(file) {
    const bytes = await readFile(file);
    const at = (blocksOf(bytes)[8] ?? 0) + 62;
    await writeFile(file, bytes.fill(0, at, at + 4));
  },
  async "cut off at its end"(file) {
    const bytes = await readFile(file);
    await truncate(file, (blocksOf(bytes).at(-3) ?? 0) + 20);
  },
};

const COPIES: Readonly<Record<string, readonly string[]>> = {
  scrub: ["scrub", "--level", "credentials", "in.gwtrace", "out.gwtrace"],
  cut: ["cut", "--connection", "1", "-o", "out.gwtrace", "in.gwtrace"],
  merge: ["merge", "-o", "out.gwtrace", "in.gwtrace", "whole.gwtrace"],
};

const CASES = Object.keys(DAMAGE).flatMap((damage) =>
  [...Object.keys(COPIES), "the terminal UI's w"].map((copy) => ({ damage, copy })),
);

test.each(CASES)(
  "a copy by $copy of a recording $damage has the loss",
  async ({ damage, copy }) => {
    const folder = await temporaryFolder();
    const [original, copied] = ["in", "out"].map((name) => path.join(folder, `${name}.gwtrace`));
    if (original === undefined || copied === undefined) throw new Error("no file names");
    await record(original);
    await copyFile(original, path.join(folder, "whole.gwtrace"));
    await DAMAGE[damage]?.(original);
    const words = COPIES[copy];
    if (words === undefined) await writeAll(original, copied);
    else await runCli(words, { cwd: folder });
    const verified = await runCli(["verify", copied]);
    expect(verified).toMatchObject({ code: 1, stdout: expect.stringContaining("NOT SOUND") });
    await using reader = await openRecording(copied);
    const gaps = (await readAll(reader)).filter(({ kind }) => kind === "gap");
    expect(gaps).toHaveLength(1);
    const before = await runCli(["verify", "--json", original]);
    const kept = reader.entryCount - (copy === "merge" ? 1 : 0);
    expect(JSON.parse(before.stdout).recordings[0].entries).toBeLessThan(kept);
  },
);

test.each(Object.keys(COPIES))("a copy by %s of a whole recording is whole", async (copy) => {
  const folder = await temporaryFolder();
  for (const name of ["in", "whole"]) await record(path.join(folder, `${name}.gwtrace`));
  expect(await runCli(COPIES[copy] ?? [], { cwd: folder })).toMatchObject({ code: 0 });
  expect(await runCli(["verify", "out.gwtrace"], { cwd: folder })).toMatchObject({ code: 0 });
});

async function writeAll(original: string, copied: string): Promise<void> {
  await using reader = await openRecording(original);
  const wanted = { list: allFrames(reader.entryCount), name: copied };
  const task = new Task("writing", reader.entryCount, () => undefined);
  await writeFrames(reader, { trace: await readTrace(reader), ...wanted }, task);
}
