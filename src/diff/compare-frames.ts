import { compareValues } from "./compare-values.ts";
import { readFrame, type EntrySource, type RecordedFrame } from "./frame-source.ts";
import { textWithoutId } from "./frame-text.ts";
import { NO_VALUES_DIFF, toPathDifference, type Sides, type ValuesDiff } from "./model.ts";

/** Two frames to be compared in one field. */
export interface FramesToCompare<Of> {
  readonly of: Of;
  readonly entries: Sides<number>;
  readonly path: "params" | "payload" | "details";
}

/** Frames of the first recording that are held at once, by number and by size. */
const MAX_HELD = 4000;
const MAX_HELD_CHARACTERS = 8 * 1024 * 1024;

interface Held<Of> extends FramesToCompare<Of> {
  readonly frame: RecordedFrame;
}

/**
 * Compares frames two by two, and yields what differs, a batch at a time. Whose partners lie in another order is no matter: of each
 * batch first those of the one recording are read as they lie in it, then those of the other. Give them in the order of the first.
 */
export async function* compareFrames<Of>(
  frames: Iterable<FramesToCompare<Of>>,
  sources: Sides<EntrySource>,
): AsyncGenerator<readonly (readonly [Of, ValuesDiff])[], void, undefined> {
  let held: Held<Of>[] = [];
  let characters = 0;
  for (const one of frames) {
    const frame = await readFrame(sources.a, one.entries.a);
    if (frame === null) continue;
    held.push({ ...one, frame });
    characters += frame.text.length;
    if (held.length < MAX_HELD && characters < MAX_HELD_CHARACTERS) continue;
    yield await compareHeld(held, sources.b);
    held = [];
    characters = 0;
  }
  yield await compareHeld(held, sources.b);
}

async function compareHeld<Of>(
  held: readonly Held<Of>[],
  source: EntrySource,
): Promise<readonly (readonly [Of, ValuesDiff])[]> {
  const found: (readonly [Of, ValuesDiff])[] = [];
  for (const one of held.toSorted((left, right) => left.entries.b - right.entries.b)) {
    const other = await readFrame(source, one.entries.b);
    const diff = other === null ? NO_VALUES_DIFF : compareTwo(one.frame, other, one.path);
    if (diff.count > 0) found.push([one.of, diff]);
  }
  return found;
}

function compareTwo(
  a: RecordedFrame,
  b: RecordedFrame,
  path: "params" | "payload" | "details",
): ValuesDiff {
  if (textWithoutId(a.text, a.frame) === textWithoutId(b.text, b.frame)) return NO_VALUES_DIFF;
  // The shared comparison takes what stands for a credential on its first side for any text on its second.
  const swapped = b.redacted && !a.redacted;
  const [first, second] = swapped ? [b, a] : [a, b];
  const { differences, shown } = compareValues(
    valueOf(first),
    valueOf(second),
    path,
    first.redacted,
  );
  return { count: differences, shown: shown.map((one) => toPathDifference(one, swapped)) };
}

function valueOf({ frame }: RecordedFrame): unknown {
  switch (frame.type) {
    case "req":
      return frame.params;
    case "res":
      return frame.error === null ? frame.payload : frame.error.details;
    case "event":
      return frame.payload;
  }
}
