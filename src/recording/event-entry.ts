import type { WireEvent } from "../wire/event.ts";
import type { NewEntry } from "./entry.ts";

/** What the decoder of a connection says, as an entry: as it crossed the wire, nothing taken out yet. */
export function toEntry(connection: number, event: WireEvent): NewEntry {
  if (event.kind === "message") {
    // Field by field, as there are so many of these.
    const { kind, atMs, wallMs, from, message, sizeBytes } = event;
    return { kind, atMs, wallMs, connection, from, message, sizeBytes, redacted: false };
  }
  return event.kind === "undecodable"
    ? { ...event, connection }
    : { ...event, connection, redacted: false };
}
