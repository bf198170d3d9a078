import type { Gap, Trace } from "../trace/model.ts";
import type { FindingDraft } from "./rule.ts";
import { nameGap } from "./wording.ts";

/** So many gaps are told of one by one. */
const MAX_GAPS = 20;

/**
 * Gaps in which something is known to be missing from all recordings. What a flight recorder left in an earlier file is not lost, and
 * bytes that could not be read have a finding of their own.
 */
export function lossesOf({ gaps, connections }: Trace): readonly Gap[] {
  const whole = new Set(gaps.map(({ entry }) => entry));
  const own = connections.flatMap((connection) =>
    connection.gaps.filter(({ entry }) => !whole.has(entry)),
  );
  return [...gaps, ...own].filter(
    ({ side, missingEntries, missingBytes }) =>
      side === null && (missingEntries > 0 || missingBytes > 0),
  );
}

/** A recording that does not hold all that crossed the wire. */
export function diagnoseLosses(trace: Trace): readonly FindingDraft[] {
  const { missing } = trace.recording;
  const gaps = lossesOf(trace);
  if (missing.length === 0 && gaps.length === 0) return [];
  const told = gaps.slice(0, MAX_GAPS);
  const more = gaps.length - told.length;
  const losses = [
    ...missing,
    ...told.map((gap) => `nothing was recorded ${nameGap(gap)}`),
    ...(more > 0 ? [`and ${more} more gaps`] : []),
  ];
  return [
    {
      code: "recording-incomplete",
      title: "the recording is not complete",
      why: `${losses.join("; ")}. What happened there is unknown, and nothing is concluded from it.`,
      fix: "Record again if the part that is missing matters.",
      evidence: told.map(({ entry }) => entry),
    },
  ];
}
