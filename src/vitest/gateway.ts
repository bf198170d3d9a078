import type { TestContext } from "vitest";
import type { ReplayedGatewayOptions } from "../replay/serve/replayed-gateway.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import type { Trace } from "../trace/model.ts";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GwTraceError } from "../errors.ts";

/** A recording: a path, relative to the working folder, or a file URL, as `new URL("./a.gwtrace", import.meta.url)`. */
export type RecordingPath = string | URL;

/** How a test uses recordings. */
export interface ReplayGatewayOptions extends Pick<
  ReplayedGatewayOptions,
  "strict" | "reuse" | "assume" | "allowOrigins" | "maxWaitMs" | "speed" | "shiftTimes"
> {
  /** Default: `GW_TRACE_MODE`, else `replay`. */
  readonly mode?: Mode;
  /** The real Gateway for `record` and `update`. Default: `OPENCLAW_GATEWAY_URL`, `OPENCLAW_GATEWAY_PORT`, or `ws://127.0.0.1:18789`. */
  readonly upstream?: string;
  /** The Gateway's token, for clients that take it from `env`. A replay believes any; else `OPENCLAW_GATEWAY_TOKEN` counts. */
  readonly token?: string;
  /** True when the test may pass although something recorded was never asked for. */
  readonly allowUnused?: boolean;
  /** Other recordings of that Gateway: not played, but answers may be derived from them. */
  readonly evidence?: readonly RecordingPath[];
  /** Files of profiles, as gw-trace probe -o writes them: what counts for the versions that they are of. */
  readonly profiles?: readonly RecordingPath[];
  /** That of the test's context, for concurrent tests: without it Vitest cannot tell which of them this Gateway belongs to. */
  readonly onTestFinished?: TestContext["onTestFinished"];
}

/** A Gateway for one test: played from a recording, or a real one while it is recorded. */
export interface TestGateway extends AsyncDisposable {
  readonly mode: Mode;
  /** Where clients connect to, `ws://127.0.0.1:…`. */
  readonly url: string;
  /** What makes OpenClaw's programs connect there: `{ ...process.env, ...gateway.env }`. */
  readonly env: Readonly<Record<string, string>>;
  /** What happened so far: connections, scopes, calls. */
  trace(): Trace;
  /** How the replay stands now. While recording it is that of an empty replay. */
  verdict(): Verdict;
  /** Ends it. Also done at the end of the test, and by `await using`. */
  close(): Promise<void>;
}

/** A Gateway as the end of its test needs it. */
export interface OpenGateway extends TestGateway {
  /** Called once after `close`: keeps or throws away what was recorded, and fails when the recording was not used up. */
  finish(testPassed: boolean): Promise<void>;
}

/** The absolute path of a recording. */
export function toPath(recording: RecordingPath): string {
  return recording instanceof URL ? fileURLToPath(recording) : resolve(recording);
}

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
  const isCi = !["", "0", "false"].includes((env["CI"] ?? "").toLowerCase());
  if (mode === "replay" || !isCi) return mode;
  throw new GwTraceError(
    "USAGE",
    `the mode is ${mode}, but CI is set: there a recording is only replayed`,
    "Record where you can look at the result, and commit the recording.",
  );
}
