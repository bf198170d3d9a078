/** The span that a request was made in, as W3C Trace Context names it. Both ids are lower-case hex. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** False when the caller records no spans of this trace. */
  readonly sampled: boolean;
}

const MAX_CHARACTERS = 128;
const SHAPE = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Reads the `traceparent` of a request as Gateways of protocol 4 do (W3C Trace Context, section 3.2; OpenClaw docs,
 * gateway/protocol/transport): null for what they take no notice of.
 */
export function parseTraceparent(text: string): TraceParent | null {
  if (text.length > MAX_CHARACTERS) return null;
  const match = SHAPE.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = match;
  // A later version may add fields; version ff is none, and version 00 has these four.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
