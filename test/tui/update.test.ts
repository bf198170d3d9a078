import { expect, test } from "vitest";
import { createState, type RecordingState, type State } from "../../src/tui/state.ts";
import type { FrameRow } from "../../src/tui/reading/frame-row.ts";
import { FrameIndex } from "../../src/tui/reading/frame-index.ts";
import { update } from "../../src/tui/update.ts";
import { paintScreen } from "../../src/tui/view.ts";
import { connect, conversation } from "../support/conversation.ts";
import { HEADER, traceOf } from "../support/traces.ts";

const ENTRIES = 1_000_000;

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
    row: (entry: number): FrameRow => ({ ...new FrameIndex().row(entry) }),
    looks: [],
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
function settled(state: State): State {
  let next = state;
  while (next.effects.some(({ type }) => type === "scan"))
    next = update({ ...next, effects: [] }, { type: "scan" });
  return { ...next, effects: [] };
}

const press = (state: State, key: string, text: string | null = null): State =>
  update(state, { type: "key", key, text });

function textOf(state: State): string {
  const { cells } = paintScreen(state);
  return cells.map((line) => line.map(({ text }) => text).join("")).join("\n");
}

test("a ladder reaches to the end of a recording, however long it is", () => {
  const shown = settled(update(longState(), { type: "scan" }));
  const { frames } = settled(press(shown, "L", "L"));
  expect(frames.ladder).not.toBeNull();
  expect(frames.list.length).toBe(19);
  expect(frames.list.entryAt(18)).toBe(ENTRIES);
});

test("what takes a while says how far it is, leaves keys their turn, and is stopped by Esc", () => {
  const task = { what: "writing", done: 20, whole: 21 };
  const busy = update(settled(update(longState(), { type: "scan" })), { type: "task", task });
  expect(textOf(busy)).toContain("writing: 20 of 21 entries, 95%   Esc stops");
  const helped = press(busy, "?", "?");
  expect(textOf(helped)).toContain("type to filter");
  const closed = press(helped, "escape");
  expect(closed.effects).toEqual([]);
  expect(press(closed, "escape").effects).toEqual([{ type: "stop-task" }]);
  expect(textOf(update(busy, { type: "task", task: null }))).not.toContain("Esc stops");
});
