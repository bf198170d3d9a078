import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareRecordings } from "../../src/diff/compare-recordings.ts";
import { readCompared, type ComparedRecording } from "../../src/diff/read-compared.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { readTrace } from "../../src/trace/read.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { recordingOf } from "../support/diffs.ts";
import { HEADER } from "../support/traces.ts";
import { writeRecording } from "../support/written.ts";

type Conversations = readonly (readonly NewEntry[])[];

const UUIDS = ["5d2c9be2-7d7a-4bb6-8d5c-111111111111", "5d2c9be2-7d7a-4bb6-8d5c-222222222222"];

/** The same recording, read entry by entry for a comparison; `reads` counts the entries that are read once more. */
async function comparedAs(conversations: Conversations, name: string, reads = { count: 0 }) {
  const entries = numbered(...conversations);
  const { source } = recordingOf(conversations, name);
  const facts = { name, header: HEADER, complete: true, missing: [], entryCount: entries.length };
  const read: typeof source.read = (first, count) => {
    reads.count += 1;
    return source.read(first, count);
  };
  return readCompared({ ...facts, read }, blocksOf(entries));
}

// eslint-disable-next-line require-await
async function* blocksOf(entries: readonly Entry[]) {
  for (let at = 0; at < entries.length; at += 7) yield entries.slice(at, at + 7);
}

function talk(id: number, steps: readonly Step[], scopes = ["operator.read"]): readonly NewEntry[] {
  return conversation(
    { connection: id, startMs: id },
    challenge(),
    connect({ client: "cli/cli", scopes }),
    helloOk({ scopes }),
    ...steps,
    close("client"),
  );
}

/** Many good calls. */
function calls(count: number, prefix = "r"): readonly Step[] {
  return Array.from({ length: count }, (_, at) => [
    req(`${prefix}${at}`, at % 3 === 0 ? "health" : "chat.history", { of: at }),
    ok(`${prefix}${at}`, { at }),
  ]).flat();
}

interface Exchange {
  readonly id: string;
  readonly method: string;
  readonly word: string;
  readonly key: string | null;
  readonly answer: "ok" | "accepted" | "twice" | "refused" | "late" | "none" | "stray";
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  id: fc.nat(150).map(String),
  method: fc.constantFrom("health", "agent", "chat.history"),
  word: fc.constantFrom("x", "y", ...UUIDS, "<redacted:token:11111111>", "on 2026-11-23 02:29"),
  key: fc.constantFrom(null, null, "k1", "k2"),
  answer: fc.constantFrom(
    "ok",
    "ok",
    "ok",
    "accepted",
    "twice",
    "refused",
    "late",
    "none",
    "stray",
  ),
});

function stepsOf({ id, method, word, key, answer }: Exchange): readonly Step[] {
  const asked = req(id, method, { word, ...(key === null ? {} : { idempotencyKey: key }) });
  const good = ok(id, { status: answer === "accepted" ? "accepted" : "ok", said: word, seq: id });
  switch (answer) {
    case "twice":
      return [asked, good, ok(id, { word })];
    case "refused":
      return [asked, refused(id, "UNAVAILABLE", `no ${word}`)];
    case "late":
      return [asked, event("tick"), event("tick"), good];
    case "none":
      return [asked];
    case "stray":
      return [good];
    case "ok":
    case "accepted":
      return [asked, good];
  }
}

const steps = fc
  .tuple(fc.array(exchange, { minLength: 60, maxLength: 140 }), fc.integer({ min: 0, max: 9 }))
  .map(([all, luck]) =>
    all.filter(({ answer }) => answer !== "stray" || luck === 0).flatMap(stepsOf),
  );
const recording = fc
  .array(steps, { minLength: 1, maxLength: 2 })
  .map((all) => all.map((each, index) => talk(index + 1, each)));

test("a recording that is read for a comparison compares as one that was read in full", async () => {
  await fc.assert(
    fc.asyncProperty(recording, recording, fc.boolean(), async (first, second, payloads) => {
      for (const other of [first, second]) {
        const whole = [recordingOf(first, "first"), recordingOf(other, "second")] as const;
        const a = await comparedAs(first, "first");
        const b = await comparedAs(other, "second");
        expect(await compareRecordings(a, b, { payloads })).toEqual(
          await compareRecordings(...whole, { payloads }),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("what is equal to the letter but for ids is not read again", async () => {
  const reads = { count: 0 };
  const a = await comparedAs([talk(1, calls(300))], "first", reads);
  const b = await comparedAs([talk(1, calls(300, "other"))], "second", reads);
  expect(await compareRecordings(a, b)).toMatchObject({ same: true, compared: { rpcs: 300 } });
  expect(reads.count).toBe(0);
});

test("a second answer that comes long after the first is still one", async () => {
  const late = (code: string) => [
    talk(1, [req("early", "agent"), ok("early"), ...calls(300), refused("early", code, "gone")]),
  ];
  const outcome = async (one: ComparedRecording, other: ComparedRecording) =>
    (await compareRecordings(one, other)).connections[0]?.rpcs.map((rpc) => rpc.outcome);
  const a = await comparedAs(late("TIMEOUT"), "first");
  const b = await comparedAs(late("UNAVAILABLE"), "second");
  expect(await outcome(a, b)).toEqual([{ a: "ok, then TIMEOUT gone", b: "ok, then UNAVAILABLE gone" }]);
}); // prettier-ignore

test("texts that stand aside in a file are compared as if they stood with their entries", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-diff-"));
  const long = "x".repeat(3000);
  const said = (word: string) => [
    talk(1, [
      req("1", "agent", { message: `${long}${word}`, idempotencyKey: "k" }),
      event("agent"),
      ok("1", { text: `${long}${word}`, updatedAtMs: word.length }),
      ...calls(80),
    ]),
  ];
  const open = async (name: string, word: string) => {
    const path = join(folder, `${name}.gwtrace`);
    await writeRecording(path, said(word));
    return openRecording(path);
  };
  await using one = await open("one", "same");
  await using same = await open("same", "same");
  await using other = await open("other", "otherwise");
  const [a, b, c] = await Promise.all(
    [one, same, other].map((reader) => readCompared(reader, reader.blocks({ deferTexts: true }))),
  );
  if (a === undefined || b === undefined || c === undefined) throw new Error("not read");
  expect(await compareRecordings(a, b)).toMatchObject({ same: true, compared: { rpcs: 81 } });
  const found = await compareRecordings(a, c);
  const read = await Promise.all(
    [one, other].map(async (source) => ({ trace: await readTrace(source), source })),
  );
  const [wholeA, wholeC] = read;
  if (wholeA === undefined || wholeC === undefined) throw new Error("not read");
  expect(found).toEqual(await compareRecordings(wholeA, wholeC));
  expect(found.connections[0]?.rpcs).toMatchObject([
    { method: "agent", params: { count: 1 }, answer: { count: 1 } },
  ]);
  await rm(folder, { recursive: true });
});

test("the places that differ are kept for the first calls, however many differ and in whatever order", async () => {
  const run = (word: string, order: (all: readonly number[]) => readonly number[]) => [
    talk(
      1,
      order(Array.from({ length: 2500 }, (_, at) => at)).flatMap((at) => [
        req(`${at}`, "chat.history", { at, of: `${at}` }),
        ok(`${at}`, { said: `${word}${at}` }),
      ]),
    ),
  ];
  const a = await comparedAs(
    run("x", (all) => all),
    "first",
  );
  const b = await comparedAs(
    run("y", (all) => all.toReversed()),
    "second",
  );
  const rpcs = (await compareRecordings(a, b)).connections[0]?.rpcs ?? [];
  expect(rpcs.map(({ answer }) => answer.count)).toEqual(Array.from({ length: 2500 }, () => 1));
  expect(rpcs.map(({ answer }) => answer.shown.length)).toEqual(
    Array.from({ length: 2500 }, (_, at) => (at < 2000 ? 1 : 0)),
  );
  expect(rpcs[1999]?.answer.shown).toEqual([{ path: "payload.said", a: '"x1999"', b: '"y1999"' }]);
});
