import { expect, test } from "vitest";
import { createState, type RecordingState, type State } from "../../src/tui/state.ts";
import type { FrameRow } from "../../src/tui/reading/frame-row.ts";
import type { Step } from "../../src/tui/message.ts";
import { update } from "../../src/tui/update.ts";
import { connect, conversation } from "../support/conversation.ts";
import { HEADER, traceOf } from "../support/traces.ts";

const ENTRIES = 1_000_000;

const ROW: Omit<FrameRow, "entry"> = { atMs: 0, connection: 1, from: "client", type: "req", method: "health", sizeBytes: 1, latencyMs: null, result: "", codes: [], ok: null, problem: false, pair: null }; // prettier-ignore

/** A recording whose first connection speaks again only at its end. */
function longState(): State {
  const trace = traceOf([conversation({}, connect())]);
  const recording: RecordingState = {
    name: "long",
    header: HEADER,
    complete: true,
    missing: [],
    growing: false,
    entryCount: ENTRIES,
    readCount: ENTRIES,
    dropped: 0,
    problems: 0,
    trace,
    findings: [],
  };
  const source = {
    row: (entry: number): FrameRow => ({ ...ROW, entry }),
    connectionOf: (entry: number) => (entry < 10 || entry > ENTRIES - 10 ? 1 : 2),
    isProblem: () => false,
  };
  return createState(recording, source, {
    columns: 120,
    rows: 40,
    charset: "unicode",
    theme: "mono",
    mouse: false,
  });
}

/** Goes on as the program does, until nothing is to be done any more. */
function settled({ state, effects }: Step): State {
  let step: Step = { state, effects };
  while (step.effects.some(({ type }) => type === "scan"))
    step = update(step.state, { type: "scan" });
  return step.state;
}

test("a ladder reaches to the end of a recording, however long it is", () => {
  const shown = settled(update(longState(), { type: "scan" }));
  const opened = settled(update(shown, { type: "key", key: "L", text: "L" }));
  if (opened.page?.kind !== "ladder") throw new Error("no ladder");
  expect(opened.page.list.length).toBe(19);
  expect(opened.page.list.entryAt(18)).toBe(ENTRIES);
});
