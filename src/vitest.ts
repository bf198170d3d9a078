import { expect } from "vitest";
import { usageError } from "./errors.ts";
import type { FindingCode } from "./findings/catalogue.ts";
import { tieToTest } from "./vitest/end-of-test.ts";
import {
  type OpenGateway,
  type RecordingPath,
  type ReplayGatewayOptions,
  type TestGateway,
  resolveMode,
  toPath,
} from "./vitest/gateway.ts";
import {
  toBeFixed,
  toBeGranted,
  toHaveFinding,
  toReplayCleanly,
  toSucceed,
} from "./vitest/matchers.ts";
import { startRecorded } from "./vitest/recorded.ts";
import { startReplayed } from "./vitest/replayed.ts";

export { GwTraceError } from "./errors.ts";
export type { Verdict } from "./replay/verdict/verdict.ts";
export type { Connection, Rpc, ScopeSets, Trace } from "./trace/model.ts";
export type { RecordingPath, ReplayGatewayOptions, TestGateway } from "./vitest/gateway.ts";
export type { Mode } from "./vitest/gateway.ts";

/** Expectations on a gateway of `replayGateway`, on a trace, or on one connection of a trace. */
export interface GatewayMatchers {
  /** A connection holds the scope in effect, by itself or by one that implies it. */
  toBeGranted(scope: string): void;
  /** The method was called, and every call of it went well. A method that was never called fails `.not` too. */
  toSucceed(method: string): void;
  /** What happened leads to that finding, or to one whose code begins so. */
  toHaveFinding(code: FindingCode | "missing-scope" | "credential"): void;
  /** All that was asked is recorded, and all that is recorded was asked. For gateways only. */
  toReplayCleanly(): void;
  /** Something that failed in the recording does not fail now, nothing else went wrong, and every answer is known. For gateways only. */
  toBeFixed(): void;
}

declare module "vitest" {
  // Vitest 3 and 4 both declare it so; the parameter has to be named as there.
  interface Assertion<T> extends GatewayMatchers {}
}

expect.extend({
  toBeGranted,
  toSucceed(received: unknown, method: string) {
    return toSucceed(received, method, this.isNot);
  },
  toHaveFinding,
  toReplayCleanly,
  toBeFixed,
});

/**
 * Starts a Gateway for the test that runs now: a recording played, or, in the modes `record` and `update`, a real Gateway while it is
 * recorded. Several recordings are played as one Gateway. Bring it down with `await using`, or leave that to the end of the test.
 * @throws {GwTraceError} USAGE, RECORDING_NOT_FOUND, RECORDING_EXISTS, RECORDING_EMPTY, NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE,
 * GATEWAY_UNREACHABLE
 */
export function replayGateway(
  recordings: RecordingPath | readonly RecordingPath[],
  options: ReplayGatewayOptions = {},
): Promise<TestGateway> {
  return tieToTest(start([recordings].flat(), options), options);
}

async function start(
  recordings: readonly RecordingPath[],
  options: ReplayGatewayOptions,
): Promise<OpenGateway> {
  const mode = resolveMode(options.mode, process.env);
  const paths = recordings.map(toPath);
  if (mode === "replay") return startReplayed(paths, options);
  const [path] = paths;
  if (path === undefined || paths.length > 1) {
    throw usageError(
      `the mode is ${mode}, and ${paths.length} recordings are given`,
      "Give the one that is to be recorded.",
    );
  }
  return startRecorded(mode, path, options);
}
