import type { TestContext } from "vitest";
import type { Assumptions } from "../replay/derive/assumptions.ts";
import type { Speed } from "../replay/play/speed.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import type { Trace } from "../trace/model.ts";
import type { Mode } from "./mode.ts";

/** A recording: a path, relative to the working folder, or a file URL, as `new URL("./a.gwtrace", import.meta.url)`. */
export type RecordingPath = string | URL;

/** How a test uses recordings. */
export interface ReplayGatewayOptions {
  /** Default: `GW_TRACE_MODE`, else `replay`. */
  readonly mode?: Mode;
  /** The real Gateway for `record` and `update`. Default: `OPENCLAW_GATEWAY_URL`, `OPENCLAW_GATEWAY_PORT`, or `ws://127.0.0.1:18789`. */
  readonly upstream?: string;
  /** The Gateway's token, for clients that take it from `env`. A replay believes any; else `OPENCLAW_GATEWAY_TOKEN` counts. */
  readonly token?: string;
  /** True when the test may pass although something recorded was never asked for. */
  readonly allowUnused?: boolean;
  /** Another order of requests than the recorded one is a difference. */
  readonly strict?: boolean;
  /** Connections and requests may be played more often than they were recorded. */
  readonly reuse?: boolean;
  /** Other recordings of that Gateway: not played, but answers may be derived from them. */
  readonly evidence?: readonly RecordingPath[];
  /** What the recordings do not show, and a derived answer depends on: `{ peer: "local" }`, `{ devices: "unpaired" }`. */
  readonly assume?: Assumptions;
  /** Files of profiles, as gw-trace probe -o writes them: what counts for the versions that they are of. */
  readonly profiles?: readonly RecordingPath[];
  /** Web pages that may come besides those of this machine and of the recorded clients, as `https://app.example`; `*` for all. */
  readonly allowOrigins?: readonly string[];
  /** That of the test's context, for concurrent tests: without it Vitest cannot tell which of them this Gateway belongs to. */
  readonly onTestFinished?: TestContext["onTestFinished"];
  /** How long something waits for what it followed in the recording. Default 1000. */
  readonly maxWaitMs?: number;
  /** A multiple of the recorded speed, 1 as recorded; a silence longer than `maxWaitMs` is cut. Default `immediate`. */
  readonly speed?: Speed;
  /** Times in all that the Gateway says are moved to now, as those of hello-ok always are. */
  readonly shiftTimes?: boolean;
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
