import { GwTraceError } from "../errors.ts";
import type { RecorderPlan } from "../tap/worker-message.ts";
import { assertFindingName } from "./finding-names.ts";
import { parseDurationMs, parseSizeBytes, readQuantity } from "./parse-quantity.ts";
import type { RecordOptions } from "./record-options.ts";

/** What a flight recorder takes at most when only a time was said: its traffic may be more than the disk. */
const DEFAULT_MAX_BYTES = 1e9;

/** Less than this holds no handshake of a real Gateway. */
const LEAST_BYTES = 1e6;

/**
 * Reads what makes a recording a flight recorder; null when nothing does.
 * @throws {GwTraceError} USAGE
 */
export function planFlight({
  keep,
  saveOn,
  around,
  maxBytes,
}: RecordOptions): RecorderPlan["flight"] {
  if (keep.length === 0) {
    if (saveOn.length === 0) return null;
    throw usage("--save-on is for a flight recorder", "Add --keep, as in --keep 256MB.");
  }
  if (maxBytes !== undefined) {
    throw usage("--max-bytes ends a recording, --keep goes on for ever", "Give one of the two.");
  }
  const sizes = keep.map(parseSizeBytes).filter((size) => size !== null);
  const ages = keep.map(parseDurationMs).filter((age) => age !== null);
  if (sizes.length + ages.length < keep.length || sizes.length > 1 || ages.length > 1) {
    throw usage(`--keep ${keep.join(" --keep ")} cannot be read`, "Write --keep 256MB or 10m.");
  }
  const [size = DEFAULT_MAX_BYTES] = sizes;
  if (size < LEAST_BYTES)
    throw usage(`--keep ${keep.join(" ")} is too little`, "Keep 1MB or more.");
  for (const wanted of saveOn) assertFindingName("--save-on", wanted);
  const aroundMs = readQuantity("--around", around, parseDurationMs, "30s");
  return { maxBytes: size, maxAgeMs: ages[0] ?? null, aroundMs, saveOn };
}

function usage(message: string, hint: string): GwTraceError {
  return new GwTraceError("USAGE", message, hint);
}
