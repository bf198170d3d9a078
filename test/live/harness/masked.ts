import { isVolatileField, maskText } from "../../../src/gateway/volatile.ts";

const LOOPBACK_PORT = /(127\.0\.0\.1|localhost|\[::1\]):\d+/g;
// A close reason is cut at 120 bytes, in the middle of the id.
const REQUEST_ID = /(requestId: )[0-9a-f-]+/g;
const DEVICE_ID = /\b[0-9a-f]{64}\b/g;
const MEASURED_FIELDS: ReadonlySet<string> = new Set([
  "connectLatencyMs",
  "eventLoop",
  "latencyMs",
  "processMemory",
]);
// In the tables of `openclaw status`, which pad a cell to the width of its column.
const REACHABLE_IN = /reachable \d+ms(.*?) +│/g;
const TEMPORARY_FOLDER = /\/\S*gw-trace-live-\w+/g;

/** A copy in which what is new in every run is one word: volatile fields, ids, times, ports and folders, JSON inside of text included. */
export function masked(value: unknown): unknown {
  if (typeof value === "string") return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      maskText(key),
      isVolatileField(key) || MEASURED_FIELDS.has(key) ? "<volatile>" : masked(item),
    ]),
  );
}

function maskedText(text: string): unknown {
  if (/^\s*[[{]/.test(text)) {
    try {
      return masked(JSON.parse(text));
    } catch {
      // Text that only begins like JSON stays text.
    }
  }
  return maskText(text.replace(REQUEST_ID, "$1<id>"))
    .replace(DEVICE_ID, "<device>")
    .replace(LOOPBACK_PORT, "$1:<port>")
    .replace(TEMPORARY_FOLDER, "<folder>")
    .replace(REACHABLE_IN, "reachable <ms>$1 │")
    .trim();
}
