import { isDeepStrictEqual } from "node:util";
import { ownField } from "../gateway/json-object.ts";
import type { Profile, RefusalRule } from "../gateway/profile.ts";
import type { WireError } from "../gateway/refusal.ts";
import { foresee } from "./foresee.ts";
import type { Handshake, Observation } from "./meet.ts";
import { withFlips } from "./rule-values.ts";

type Values = Readonly<Partial<Record<(typeof PLACES)[number], unknown>>>;

/** A refusal as it was seen, and what stood in its places. */
interface Worded {
  readonly error: WireError;
  readonly reason: string | null;
  readonly code: number | null;
  readonly values: Values;
}

const MARK = "gw-trace: here it would be refused";
const PLACES = ["scope", "scopes", "role", "method", "minProtocol", "maxProtocol", "requestId", "deviceId", "approvedRoles", "approvedScopes"] as const; // prettier-ignore
const MARKED: RefusalRule = {
  code: MARK,
  message: "",
  details: Object.fromEntries(PLACES.map((name) => [name, `<${name}>`])),
  close: { code: 1008, reason: "" },
};

/** The words that a refusal for this cause may have: such as were seen where these rules come to it. */
export function wordsFor(cause: string, profile: Profile, observations: readonly Observation[]): readonly RefusalRule[] {
  const marked = withFlips(profile, [{ rule: "refusals", key: cause, value: MARKED }]);
  const groups = new Map<string, Worded[]>();
  for (const { case: one, seen } of observations) {
    foresee(marked, one, seen).forEach(({ handshake, calls }, index) => {
      const saw = seen[index] ?? null;
      if (saw === null) return;
      const pairs = [compare(handshake, saw.handshake), ...calls.map((call, at) => compare(call, saw.calls[at] ?? null))];
      for (const pair of pairs) if (pair !== null) push(groups, kindOf(pair), pair);
    });
  }
  return [...groups.values()].map(merge);
} // prettier-ignore

function push(groups: Map<string, Worded[]>, key: string, one: Worded): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [one]);
  else group.push(one);
}

/** What was seen where the marked refusal would stand, and the values that it shows. */
function compare(said: Handshake | WireError | "allowed" | null, saw: Handshake | { readonly error: WireError | null } | null): Worded | null {
  if (said === null || said === "allowed" || saw === null) return null;
  const error = "kind" in said ? (said.kind === "refused" ? said.error : null) : said;
  if (error?.code !== MARK || !("error" in saw) || saw.error === null) return null;
  const close = "close" in saw && "code" in saw.close ? saw.close : null;
  return { error: saw.error, reason: close?.reason ?? null, code: close?.code ?? null, values: error.details ?? {} };
} // prettier-ignore

/** Refusals of one kind differ only in what stands in their places. */
function kindOf({ error, code, values }: Worded): string {
  const details = Object.entries(error.details ?? {}).filter(([, value]) => placeOf(value, values) === null); // prettier-ignore
  return JSON.stringify([error.code, code, details, split(withPlaces(error.message, values))[0]]);
}

function merge(group: readonly Worded[]): RefusalRule {
  const [first] = group;
  if (first === undefined) throw new RangeError("there is no empty group");
  const isHinted = new Set(group.map(({ error }) => error.message)).size > 1;
  const text = (value: string, values: Values): string => {
    const [before, advice] = split(withPlaces(value, values));
    return isHinted && advice !== "" ? `${before} (<hint>)` : withPlaces(value, values);
  };
  const names = new Set(group.flatMap(({ error }) => Object.keys(error.details ?? {})));
  const details = [...names].map((name) => [name, mergeDetail(name, group)] as const);
  return {
    code: first.error.code,
    message: text(first.error.message, first.values),
    ...(details.length === 0 ? {} : { details: Object.fromEntries(details) }),
    ...(first.error.retryable === undefined ? {} : { retryable: first.error.retryable }),
    ...(first.code === null ? {} : { close: { code: first.code, reason: text(first.reason ?? "", first.values) } }),
  }; // prettier-ignore
}

/** A detail as a rule has it: the place whose value it has in all of the group, else what it is. */
function mergeDetail(detail: string, group: readonly Worded[]): unknown {
  const present = group.filter(({ error }) => Object.hasOwn(error.details ?? {}, detail));
  const valueOf = ({ error }: Worded): unknown => ownField(error.details, detail);
  const place = PLACES.find((name) => present.every((one) => isDeepStrictEqual(valueOf(one), one.values[name]))); // prettier-ignore
  const [first] = present;
  if (place === undefined || first === undefined) return first && valueOf(first);
  return present.length < group.length ? `<${place}?>` : `<${place}>`;
}

function placeOf(value: unknown, values: Values): string | null {
  return PLACES.find((name) => values[name] !== undefined && isDeepStrictEqual(values[name], value)) ?? null;
} // prettier-ignore

/** A message with its places; one that was cut in the middle of a request's id ends with that id's place. */
function withPlaces(message: string, values: Values): string {
  let text = message;
  for (const name of ["requestId", "deviceId", "scope", "method", "role"] as const) {
    const value = values[name];
    if (typeof value !== "string" || value === "") continue;
    if (name === "role" && !text.endsWith(`: ${value}`)) continue;
    text = text.replaceAll(value, `<${name}>`);
  }
  const id = values.requestId;
  const at = text.lastIndexOf("requestId: ") + "requestId: ".length;
  const rest = text.slice(at);
  const isCut = typeof id === "string" && rest !== "" && Buffer.byteLength(message) >= 118 && id.startsWith(rest); // prettier-ignore
  return isCut ? `${text.slice(0, at)}<requestId>)` : text;
}

/** A message and the advice in brackets at its end. */
function split(message: string): readonly [before: string, advice: string] {
  const at = message.lastIndexOf(" (");
  return at === -1 || !message.endsWith(")") ? [message, ""] : [message.slice(0, at), message.slice(at + 2, -1)]; // prettier-ignore
}

/** The advice in a refusal's message; empty where it gives none. */
export function adviceIn({ message }: WireError): string {
  return split(message)[1];
}
