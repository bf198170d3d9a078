import { closest, distance } from "fastest-levenshtein";
import type { Checkup, SetVariable } from "../views/doctor.ts";
import { ownField } from "../gateway/json-object.ts";

/** Every variable that gw-trace reads for its own sake, and what it does. A test names those that are missing here. */
export const VARIABLES: Readonly<Record<string, string>> = {
  GW_TRACE_DIR: "the folder of recordings",
  GW_TRACE_MAX_MEMORY: "the memory that reading recordings may take, as in 2GB; 500MB without it",
  GW_TRACE_MODE: "gw-trace/vitest: replay, record or update",
  OPENCLAW_GATEWAY_URL: "the Gateway to record, probe and play clients to",
  OPENCLAW_GATEWAY_PORT: "its port on this machine, where no URL is given",
  OPENCLAW_GATEWAY_TOKEN: "its token, for probe, for played clients, and for commands after --",
  OPENCLAW_GATEWAY_PASSWORD: "its password, where no token is given",
  OPENCLAW_CONFIG_PATH:
    "OpenClaw's configuration: where a Gateway will listen, and which secrets are known beforehand",
  OPENCLAW_STATE_DIR: "the folder of that configuration",
  OPENCLAW_HOME: "stands for the home folder when that configuration is looked for",
  OTEL_EXPORTER_OTLP_ENDPOINT: "where export --to sends spans when it gives no URL",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "the same, for traces alone",
  XDG_STATE_HOME: "recordings go below it where there is no other folder for them",
  NO_COLOR: "no colours",
  FORCE_COLOR: "colours also into a pipe",
  CI: "gw-trace/vitest only replays",
  GITHUB_ACTIONS: "check prints annotations",
};

/** The variables that are set and do something here, or look as if they should. */
export function setVariables(env: NodeJS.ProcessEnv): readonly SetVariable[] {
  return Object.entries(env)
    .flatMap(([name, value]) => (value === undefined || value === "" ? [] : [name]))
    .filter((name) => Object.hasOwn(VARIABLES, name) || /^(?:OPENCLAW|GW_TRACE)_/.test(name))
    .toSorted()
    .map((name) => ({ name, does: ownField(VARIABLES, name) ?? "nothing here" }));
}

/** Whether the variables that are set go together. */
export function checkVariables(env: NodeJS.ProcessEnv): Checkup {
  const name = "variables";
  const unknown = Object.keys(env).find(
    (one) => one.startsWith("GW_TRACE_") && !Object.hasOwn(VARIABLES, one),
  );
  if (unknown !== undefined) {
    const nearest = closest(unknown, Object.keys(VARIABLES));
    const isClose = distance(unknown, nearest) <= 4;
    const fix = isClose ? `Did you mean ${nearest}?` : "Unset it: it does nothing.";
    return { name, status: "note", says: `gw-trace knows no ${unknown}`, fix };
  }
  const hasToken = Boolean(env["OPENCLAW_GATEWAY_TOKEN"] || env["OPENCLAW_GATEWAY_PASSWORD"]);
  if (env["OPENCLAW_GATEWAY_URL"] && !hasToken) {
    const says =
      "OPENCLAW_GATEWAY_URL is set without a token: OpenClaw's own clients refuse it then";
    const fix = "Set OPENCLAW_GATEWAY_TOKEN beside it, or only OPENCLAW_GATEWAY_PORT.";
    return { name, status: "note", says, fix };
  }
  return { name, status: "ok", says: "they go together", fix: null };
}
