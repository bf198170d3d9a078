import type { ConnectRequest } from "../../gateway/connect.ts";
import type { Message } from "../../wire/message.ts";
import type { LiveRequest, NearestRequest } from "../match/request-book.ts";
import type { ScriptedConnection } from "../script/script.ts";
import { clientLabel } from "../verdict/played.ts";

/** What a client is told when no recorded connection is left for it: an error answer, and a close that does not invite a retry. */
export function refuseConnect(
  live: LiveRequest,
  identity: ConnectRequest | null,
  nearest: ScriptedConnection | null,
): readonly Message[] {
  const who = clientLabel(identity) ?? "a client that does not say who it is";
  const message = `gw-trace replay: no recorded connection is left for ${who}`;
  const details = {
    code: "REPLAY_UNMATCHED",
    nearest:
      nearest === null
        ? null
        : {
            recording: nearest.recording,
            connection: nearest.id,
            client: clientLabel(nearest.traced.handshake.connect),
            requestedScopes: nearest.traced.handshake.connect?.scopes ?? null,
          },
  };
  return [
    errorAnswer(live.id ?? "", message, details),
    { type: "close", code: 1008, reason: "no recorded connection is left" },
  ];
}

/** What a client is told when the recording does not hold its request; null when there is no request to answer. */
export function refuseRequest(live: LiveRequest, nearest: NearestRequest | null): Message | null {
  if (live.id === null) return null;
  const message = `gw-trace replay: ${live.method} is not in the recording${hint(live, nearest)}`;
  return errorAnswer(live.id, message, {
    code: "REPLAY_UNMATCHED",
    method: live.method,
    nearest,
  });
}

function hint(live: LiveRequest, nearest: NearestRequest | null): string {
  if (nearest === null) return "";
  if (nearest.method === live.method) return " as often as it was asked";
  return ` of this connection; the nearest is ${nearest.method}`;
}

function errorAnswer(id: string, message: string, details: object): Message {
  const error = { code: "UNAVAILABLE", message, details, retryable: false };
  return { type: "text", text: JSON.stringify({ type: "res", id, ok: false, error }) };
}
