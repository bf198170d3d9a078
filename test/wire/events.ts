import { ConnectionDecoder } from "../../src/wire/decoder.ts";
import type { DecoderOptions } from "../../src/wire/decoder.ts";
import type { WireEvent } from "../../src/wire/event.ts";
import type { BodyContent, Side } from "../../src/wire/message.ts";

/** Bytes that one side sends. */
export type Sent = readonly [from: Side, bytes: Uint8Array];

/** Decodes what was sent, one push each, and ends both sides. Every push is one millisecond after the one before. */
export async function decode(
  sent: readonly Sent[],
  options: DecoderOptions = {},
): Promise<WireEvent[]> {
  const events: WireEvent[] = [];
  const decoder = new ConnectionDecoder((event) => events.push(event), options);
  let atMs = 0;
  for (const [from, bytes] of sent) {
    decoder.push(from, Uint8Array.from(bytes), moment(atMs));
    atMs++;
  }
  decoder.end("client", moment(atMs));
  decoder.end("gateway", moment(atMs));
  await decoder.idle();
  return events;
}

/** The same bytes, cut into pieces of the given sizes, the last of which repeats; 0 means all that is left. */
export function cut(sent: readonly Sent[], sizes: readonly number[]): Sent[] {
  const pieces: Sent[] = [];
  let turn = 0;
  for (const [from, bytes] of sent) {
    for (let at = 0; at < bytes.length;) {
      const size = sizes[Math.min(turn++, sizes.length - 1)] || bytes.length;
      pieces.push([from, bytes.subarray(at, at + size)]);
      at += size;
    }
  }
  return pieces;
}

/** Events without the times at which they were seen. */
export function timeless(events: readonly WireEvent[]): object[] {
  return events.map(({ atMs: _atMs, wallMs: _wallMs, ...rest }) => rest);
}

/** One line for each event, for tests that care about the order and the gist. */
export function gist(events: readonly WireEvent[]): string[] {
  return events.map((event) => {
    switch (event.kind) {
      case "http-request":
        return `client ${event.method} ${event.target}`;
      case "http-response":
        return `gateway ${event.status}`;
      case "http-body":
        return `${event.from} body ${event.omitted ?? gistOfContent(event.content)} (${event.sizeBytes})`;
      case "message":
        return `${event.from} ${gistOfMessage(event.message)}`;
      case "undecodable":
        return `${event.from} undecodable: ${event.reason} (${event.sizeBytes})`;
    }
  });
}

function gistOfContent(content: BodyContent | null): string {
  return content === null ? "none" : gistOfMessage(content);
}

function gistOfMessage(message: Extract<WireEvent, { kind: "message" }>["message"]): string {
  if (message.type === "text") return `text ${message.text}`;
  if (message.type === "close") return `close ${message.code} ${message.reason}`;
  return `${message.type} ${Buffer.from(message.bytes).toString("latin1")}`;
}

function moment(atMs: number): { readonly atMs: number; readonly wallMs: number } {
  return { atMs, wallMs: 1_700_000_000_000 + atMs };
}
