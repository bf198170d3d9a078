/** What a Gateway version's calls to itself do when its environment names another URL for them. */
export interface SelfCallRule {
  /** The released version on which this was measured. */
  readonly measuredOn: string;
  /** Which of its calls to itself stay inside the process, where no socket carries them; null when none does. */
  readonly inProcess: string | null;
}

// Measured with OPENCLAW_GATEWAY_URL and OPENCLAW_GATEWAY_TOKEN in the Gateway's own environment.
const RULES: readonly SelfCallRule[] = [
  { measuredOn: "2026.5.4", inProcess: null },
  { measuredOn: "2026.6.11", inProcess: "agent (and so the start of sessions_spawn)" },
  {
    measuredOn: "2026.9.6",
    inProcess: "all but those of the nodes and gateway tools: sessions_spawn, cron, announce",
  },
];

/** What is known of the self-calls of this version, by the newest measured version that is not newer; of none earlier than the first. */
export function selfCallRule(version: string): SelfCallRule | null {
  const wanted = numberOf(version);
  return RULES.findLast(({ measuredOn }) => isUpTo(numberOf(measuredOn), wanted)) ?? null;
}

// 2026.9.2 behaves as its month does, as far as measured, so only year and month are compared.
function numberOf(version: string): readonly [number, number] {
  const [year = "0", month = "0"] = version.split(".");
  return [Number(year), Number(month)];
}

function isUpTo(measured: readonly [number, number], wanted: readonly [number, number]): boolean {
  return measured[0] < wanted[0] || (measured[0] === wanted[0] && measured[1] <= wanted[1]);
}
