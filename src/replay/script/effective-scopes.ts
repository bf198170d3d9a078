import { keepsScopes } from "../../gateway/grants.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import { profileFor } from "../../gateway/profile.ts";
import { isForwarded, originOf, recordedHandshake } from "./recorded-handshake.ts";
import type { ScriptedConnection } from "./script.ts";

/** What a recorded connection could do, by hello-ok and the rule of its version; null when it was not let in. */
export function effectiveScopes(connection: ScriptedConnection): readonly string[] | null {
  const { hello } = recordedHandshake(connection);
  const { identity, granted, upgrade, peerIsLoopback } = connection;
  if (hello === null) return null;
  const server = isJsonObject(hello["server"]) ? hello["server"]["version"] : null;
  const profile = profileFor(typeof server === "string" ? server : null);
  const issued = isJsonObject(hello["auth"]) && "deviceToken" in hello["auth"];
  const isTrue = profile.helloScopes === "effective" || !issued;
  if (granted !== null && profile.helloScopes !== "token-or-absent" && isTrue) return granted;
  if (identity === null) return granted ?? [];
  if (identity.device !== null) return identity.scopes ?? [];
  const keeps = keepsScopes(profile, {
    client: `${identity.client.id}/${identity.client.mode}`,
    peerIsLoopback,
    hasOrigin: originOf(upgrade) !== null,
    isForwarded: isForwarded(upgrade),
  });
  return keeps ? (identity.scopes ?? []) : [];
}
