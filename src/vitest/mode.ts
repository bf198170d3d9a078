import { GwTraceError } from "../errors.ts";

/**
 * `replay` plays the recording. `record` makes one that is not there yet, of a real Gateway; `update` makes it anew and puts it in
 * the place of the old one once the test has passed.
 */
export type Mode = "replay" | "record" | "update";

const MODES: readonly Mode[] = ["replay", "record", "update"];

/**
 * The mode asked for: by the option, else by `GW_TRACE_MODE`, else `replay`.
 * @throws {GwTraceError} USAGE for an unknown mode, and for any but `replay` where `CI` is set
 */
export function resolveMode(
  option: Mode | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Mode {
  const asked = option ?? (env["GW_TRACE_MODE"] || "replay");
  const mode = MODES.find((known) => known === asked);
  if (mode === undefined) {
    throw new GwTraceError(
      "USAGE",
      `GW_TRACE_MODE is "${asked}"`,
      `Set it to ${MODES.join(", ")}, or leave it away.`,
    );
  }
  if (mode === "replay" || !isCi(env["CI"])) return mode;
  throw new GwTraceError(
    "USAGE",
    `the mode is ${mode}, but CI is set: there a recording is only replayed`,
    "Record where you can look at the result, and commit the recording.",
  );
}

function isCi(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
