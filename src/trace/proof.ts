import { isJsonObject, ownField } from "../gateway/json-object.ts";
import type { ProofFacts } from "./model.ts";

/** Holds a device's proof in the params of `connect` against the payload of the challenge; null where one of the two is missing. */
export function compareProof(params: unknown, challenge: unknown): ProofFacts | null {
  const device = isJsonObject(params) ? ownField(params, "device") : null;
  if (!isJsonObject(device) || !isJsonObject(challenge)) return null;
  const [signedAt, ts] = [ownField(device, "signedAt"), ownField(challenge, "ts")];
  const areTimes = typeof signedAt === "number" && typeof ts === "number";
  return {
    aheadMs: areTimes ? signedAt - ts : null,
    isForChallenge: ownField(device, "nonce") === ownField(challenge, "nonce"),
  };
}
