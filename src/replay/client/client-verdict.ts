import { gatewayVersion } from "../../findings/diagnose.ts";
import type { Connection, Trace } from "../../trace/model.ts";
import { compareConnection, type TiedConnection, neverAsked } from "../verdict/compare.ts";
import { buildVerdict, type Verdict } from "../verdict/verdict.ts";
import type { HeldBack } from "./play-client.ts";

/** Compares the recording with what its clients met at `url`, connection by connection and request by request. */
export function buildClientVerdict(
  before: Trace,
  now: Pick<Trace, "connections">,
  heldBack: readonly HeldBack[],
  url: string,
): Verdict {
  const why = new Map(heldBack.map((held) => [held.entry, held.why]));
  const recorded = before.connections.filter(({ upgrade }) => upgrade !== null);
  return buildVerdict({
    recordings: [before.recording.name],
    url,
    versions: { before: gatewayVersion(before), now: gatewayVersion(now) },
    connections: recorded.map((connection) => {
      const live = now.connections.find(({ id }) => id === connection.id) ?? null;
      return compareConnection(tie(before.recording.name, connection, live, why));
    }),
  });
}

function tie(
  recording: string,
  recorded: Connection,
  live: Connection | null,
  why: ReadonlyMap<number, string>,
): TiedConnection {
  // Recorded ids are sent again, so a request is found by its own.
  const asked = new Map(live?.rpcs.map((rpc) => [rpc.id, rpc.requestEntry]));
  const origin = { grade: "live", source: null, missing: null } as const;
  return {
    live,
    recording,
    recorded,
    as: live === null ? "never" : "same",
    ...origin,
    differences: [],
    calls: recorded.rpcs.map(({ id, method, requestEntry }) => {
      const liveEntry = asked.get(id) ?? null;
      const never = neverAsked({ method, entry: requestEntry });
      const missing = why.get(requestEntry) ?? null;
      if (missing !== null) return { ...never, as: "held-back", missing };
      return liveEntry === null ? never : { ...never, ...origin, as: "same", liveEntry };
    }),
  };
}
