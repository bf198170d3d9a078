import type { Entry } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import { takeApart } from "./units.ts";

/**
 * The entries that are wanted, with what they need to be understood: the opening, handshake and end of their connections, and for
 * a request its answers, for an answer its request.
 */
export function cutRecording(
  trace: Trace,
  entries: readonly Entry[],
  wanted: (entry: Entry) => boolean,
): readonly Entry[] {
  const { skeletons, units } = takeApart(trace, entries);
  const chosen = new Set(entries.filter(wanted).map(({ entry }) => entry));
  const connections = new Set(
    entries.filter(({ entry }) => chosen.has(entry)).map(({ connection }) => connection),
  );
  for (const [id, skeleton] of skeletons) {
    if (connections.has(id)) for (const entry of skeleton) chosen.add(entry);
  }
  for (const unit of units) {
    if (unit.entries.some((entry) => chosen.has(entry)))
      for (const entry of unit.entries) chosen.add(entry);
  }
  return entries.filter(({ entry }) => chosen.has(entry));
}
