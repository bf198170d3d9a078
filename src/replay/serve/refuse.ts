import type { ConnectRequest } from "../../gateway/connect.ts";
import type { LiveRequest, NearestRequest } from "../match/request-book.ts";
import type { ScriptedConnection } from "../script/script.ts";
import { clientLabel } from "../verdict/compare.ts";

/** Why the replay, not the recorded Gateway, refuses something. */
export interface Refusal {
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** The reason of a close that does not invite a retry. */
  readonly close: string;
}

/** What a client is told when no recorded connection is left for it. */
export function noneIsLeft(
  connect: ConnectRequest | null,
  nearest: ScriptedConnection | null,
): Refusal {
  const who = clientLabel(connect) ?? "a client that does not say who it is";
  const recorded = nearest?.traced.handshake.connect ?? null;
  return {
    message: `gw-trace replay: no recorded connection is left for ${who}`,
    details: {
      code: "REPLAY_UNMATCHED",
      nearest:
        nearest === null
          ? null
          : {
              recording: nearest.recording,
              connection: nearest.id,
              client: clientLabel(recorded),
              requestedScopes: recorded?.scopes ?? null,
            },
    },
    close: "no recorded connection is left",
  };
}

/** What a client is told when neither the recording nor a rule says how the Gateway would answer. */
export function notKnown(method: string | null, missing: string): Refusal {
  return {
    message: `gw-trace replay: how the Gateway answers ${method} is not known: ${missing}`,
    details: { code: "REPLAY_UNKNOWN", method, missing },
    close: "the answer is not known",
  };
}

/** What a client is told when the recording does not hold its request. */
export function notRecorded(live: LiveRequest, nearest: NearestRequest | null): Refusal {
  return {
    message: `gw-trace replay: ${live.method} is not in the recording${hint(live, nearest)}`,
    details: { code: "REPLAY_UNMATCHED", method: live.method, nearest },
    close: "not in the recording",
  };
}

function hint(live: LiveRequest, nearest: NearestRequest | null): string {
  if (nearest === null) return "";
  if (nearest.method === live.method) return " as often as it was asked";
  return ` of this connection; the nearest is ${nearest.method}`;
}

/** An answer that says so. */
export function errorAnswer(
  id: string,
  { message, details }: Pick<Refusal, "message" | "details">,
): object {
  const error = { code: "UNAVAILABLE", message, details, retryable: false };
  return { type: "res", id, ok: false, error };
}
