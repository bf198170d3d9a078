import { compareVersions, measuredProfiles } from "../gateway/measured-profiles.ts";
import { look, NOT_MEASURED } from "../gateway/measured.ts";
import { formatProfile, RULE_NAMES, type Profile } from "../gateway/profile.ts";
import { fill } from "../gateway/rules.ts";

import { observeFar } from "./far.ts";
import { fitRules, type Fit } from "./fit.ts";
import { observe, type Observed } from "./observe.ts";

/** A version's rules as they were measured, and what there is to say of them. */
export interface Measurement extends Fit {
  /** Why nothing was measured from afar; null when it was. */
  readonly whyNotFar: string | null;
  /** The profile of the nearest version that comes with gw-trace. */
  readonly nearest: Profile;
}

/**
 * Measures an OpenClaw: drives throw-away Gateways through all cases, and finds the rules that foresee what they did. `say` is told what is going on.
 * @throws {GwTraceError} GATEWAY_UNREACHABLE, GATEWAY_REFUSED, PROBE_UNSAFE
 */
export async function measure(
  openClaw: { readonly entry: string; readonly node: string },
  say: (line: string) => void,
): Promise<Measurement> {
  const seen: Observed[] = [];
  for (const setup of ["token", "password", "none"] as const) {
    say(`driving a Gateway on loopback, auth mode ${setup}`);
    seen.push(await observe(openClaw, setup));
  }
  say("driving a Gateway from afar");
  const far = await observeFar(openClaw);
  if (!("whyNot" in far)) seen.push(far);
  say("looking for the rules that foresee all that");
  return { ...conclude(seen), whyNotFar: "whyNot" in far ? far.whyNot : null };
}

/** The rules that foresee what was seen. */
export function conclude(seen: readonly Observed[]): Omit<Measurement, "whyNotFar"> {
  const [probed] = seen.flatMap((one) => one.probed ?? []);
  if (probed === undefined) throw new RangeError("nobody asked what methods need");
  const { version, methods, hiddenMethods, events } = probed;
  const nearest = nearestTo(version);
  const others = measuredProfiles().toSorted((a, b) => distance(a, version) - distance(b, version));
  const start = others.reduce((filled, other) => fill(filled, other), nearest);
  const observations = seen.flatMap((one) => one.observations);
  const fit = fitRules({ ...start, version, methods, hiddenMethods, events }, observations);
  const limits = seen.map((one) => one.limits);
  const unasked = Object.fromEntries(LIMITS.map((name) => [name, NOT_MEASURED]));
  const profile: Profile = Object.assign({ ...fit.profile, ...unasked }, ...limits, {
    selfCallsInProcess: NOT_MEASURED,
    sources: {
      all: `gw-trace measure: the rules by which ${fit.foreseen} of ${fit.seen} answers are foreseen`,
      methods: probed.sources["methods"] ?? "",
      hiddenMethods: probed.sources["hiddenMethods"] ?? "",
      events: "hello-ok",
    },
  });
  return { ...fit, profile, nearest };
}

const LIMITS = ["handshakeTimeoutMs", "firstFrameBytes", "clockSkewMs", "roleRefusalsInARow", "requestsBeforeHello", "seqCounts", "customSchemeOriginIsNull", "webchatChangesSessions"] as const; // prettier-ignore

function nearestTo(version: string): Profile {
  const inOrder = measuredProfiles();
  const before = inOrder.findLast((profile) => compareVersions(profile.version, version) <= 0);
  const nearest = before ?? inOrder[0];
  if (nearest === undefined) throw new RangeError("no measured version comes with gw-trace");
  return nearest;
}

// How many measured versions lie between.
function distance(profile: Profile, version: string): number {
  const inOrder = measuredProfiles();
  return Math.abs(inOrder.indexOf(profile) - inOrder.indexOf(nearestTo(version)));
}

/** The text of the file: the profile, and for each rule the cases that prove it. */
export function formatMeasurement({ profile, proofs, unexplained }: Measurement): string {
  const lines = [...proofs].map(([rule, cases]) => `    ${JSON.stringify(rule)}: ${JSON.stringify(cases)}`); // prettier-ignore
  const more = `,\n  "proofs": {\n${lines.join(",\n")}\n  },\n  "unexplained": ${JSON.stringify(unexplained, null, 4).replace(/\n\]$/, "\n  ]")}\n}\n`;
  return formatProfile(profile).replace(/\n\}\n$/, () => more);
}

/** Rules, or names in their tables, that could not be measured. */
export function openQuestions(profile: Profile): readonly string[] {
  return RULE_NAMES.flatMap((rule) => {
    const value: unknown = profile[rule];
    if (value === NOT_MEASURED) return [rule];
    if (typeof value !== "object" || value === null) return [];
    const names = Object.keys(value).filter((name) => look<unknown>(Object(value), name) === NOT_MEASURED); // prettier-ignore
    return names.length === 0 ? [] : [`${rule} (${names.join(", ")})`];
  });
}
