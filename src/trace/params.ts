import { scopesByParams } from "../gateway/authorize-call.ts";
import type { RequestFrame } from "../gateway/frame.ts";
import { look, NOT_MEASURED } from "../gateway/measured.ts";
import { NO_SCOPE, ROLE_NODE, SOME_SCOPE, type Profile } from "../gateway/profile.ts";
import type { Rpc } from "./model.ts";

/** Whether a request has to be read whole, since what it needs depends on its params. */
export function doParamsMatter({ paramRules }: Profile, method: string): boolean {
  return paramRules !== NOT_MEASURED && look(paramRules, method) !== false;
}

/** The scopes that a request's params need by the rules. Of one that was not read whole, only what was measured of its method. */
export function needOfParams(
  profile: Profile,
  frame: RequestFrame,
  isOutlined: boolean,
): Rpc["byParams"] {
  const isUnread = isOutlined && profile.paramRules === NOT_MEASURED;
  return isUnread ? NOT_MEASURED : scopesByParams(profile, frame);
}

/** The scopes that the rules say a call needs; null where they do not know, or it is for nodes. */
export function neededScopes(
  { method, byParams }: Pick<Rpc, "method" | "byParams">,
  profile: Profile,
): readonly string[] | null {
  const need = look(profile.methods, method);
  if (need === NO_SCOPE) return [];
  if (byParams === NOT_MEASURED || need === false || need === NOT_MEASURED) return null;
  if (byParams !== false) return byParams;
  return need === ROLE_NODE || need === SOME_SCOPE ? null : [need];
}
