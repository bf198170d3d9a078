import type { Gap, Trace } from "../trace/model.ts";
import { MAX_EVIDENCE, type FindingDraft } from "./rule.ts";
import { nameGap } from "./wording.ts";
import { isLoopbackAddress, explainLocalityChange } from "../gateway/address.ts";

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
export function diagnoseLosses(trace: Trace): FindingDraft | null {
  const { missing } = trace.recording;
  const gaps = lossesOf(trace);
  if (missing.length === 0 && gaps.length === 0) return null;
  const told = gaps.slice(0, MAX_GAPS);
  const more = gaps.length - told.length;
  const losses = [
    ...missing,
    ...told.map((gap) => `nothing was recorded ${nameGap(gap)}`),
    ...(more > 0 ? [`and ${more} more gaps`] : []),
  ];
  return {
    code: "recording-incomplete",
    title: "the recording is not complete",
    why: `${losses.join("; ")}. What happened there is unknown, and nothing is concluded from it.`,
    fix: "Record again if the part that is missing matters.",
    evidence: told.map(({ entry }) => entry),
  };
}

/** A recording from which credentials were not taken out. */
export function diagnoseUnredacted({ recording }: Trace): FindingDraft | null {
  if (recording.header.redaction !== "off") return null;
  return {
    code: "recording-not-redacted",
    title: "the recording holds credentials in clear",
    why: "It was recorded with --no-redact.",
    fix: "Do not share it; record again without --no-redact.",
    evidence: [],
  };
}

/** A tap that made its clients look local, or remote, to the Gateway: then grants and refusals may be the tap's doing. */
export function diagnoseLocality({ recording, connections }: Trace): FindingDraft | null {
  const change = recording.header.localityChange;
  if (change === null) return null;
  const looksLocal = change === "remote-becomes-local";
  const affected = connections.filter(
    ({ clientAddress, peerIsLoopback }) =>
      peerIsLoopback === looksLocal && isLoopbackAddress(clientAddress) !== looksLocal,
  );
  return {
    code: "tap-changes-locality",
    title: `gw-trace itself makes ${looksLocal ? "remote clients look local" : "local clients look remote"} to the Gateway`,
    why: `In this recording ${explainLocalityChange(change)}. ${affected.length} of ${connections.length} connections are judged differently for it.`,
    fix: looksLocal
      ? "Record on the client's machine, or bind the upstream side with --source to an address that is not loopback."
      : "Record on the Gateway's machine before its loopback address, or bind the upstream side with --source 127.0.0.1.",
    evidence: affected.slice(0, MAX_EVIDENCE).map(({ openedEntry }) => openedEntry),
  };
}
