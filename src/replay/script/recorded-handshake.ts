import { parseRefusal, type Refusal } from "../../gateway/connect.ts";
import { parseFrame } from "../../gateway/frame.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { headerValue } from "../../wire/message.ts";
import { isForwardingHeader } from "../../gateway/address.ts";
import type { Cue, ScriptedConnection } from "./script.ts";

/** How a recorded handshake ended, as far as a derivation needs it. */
export interface RecordedHandshake {
  /** The hello-ok payload; null when there was none. */
  readonly hello: JsonObject | null;
  readonly helloCue: Cue | null;
  readonly refusal: Refusal | null;
}

/** Finds the answer to a recorded `connect`. */
export function recordedHandshake({ requests, cues }: ScriptedConnection): RecordedHandshake {
  const connect = requests[0];
  const cue = cues.find(({ answers }) => answers !== null && answers === connect?.entry);
  if (connect?.method !== "connect" || cue?.act.type !== "frame") {
    return { hello: null, helloCue: null, refusal: null };
  }
  const parsed = parseFrame(JSON.stringify(cue.act.frame));
  const frame = parsed.ok && parsed.frame.type === "res" ? parsed.frame : null;
  if (frame?.error) return { hello: null, helloCue: null, refusal: parseRefusal(frame.error) };
  const hello = frame?.ok === true && isJsonObject(frame.payload) ? frame.payload : null;
  return { hello, helloCue: hello === null ? null : cue, refusal: null };
}

/** The Origin header of an upgrade; null when there is none. */
export function originOf(upgrade: ScriptedConnection["upgrade"]): string | null {
  return headerValue(upgrade?.headers ?? [], "origin");
}

/** True when an upgrade says that it forwards somebody. */
export function isForwarded(upgrade: ScriptedConnection["upgrade"]): boolean {
  return (upgrade?.headers ?? []).some(([name]) => isForwardingHeader(name));
}
