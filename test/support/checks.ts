import { checkTraces, type CheckResult, type Expectations } from "../../src/findings/check.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import type { Trace } from "../../src/trace/model.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
  type Step,
} from "./conversation.ts";
import { traceOf } from "./traces.ts";

const NOTHING: Expectations = {
  failOn: [],
  expectMethods: [],
  forbidMethods: [],
  expectScopes: [],
  maxLatencyMs: null,
};

/** Checks traces against what is expected; nothing unless said. */
export function check(traces: readonly Trace[], expected: Partial<Expectations>): CheckResult {
  return checkTraces(traces, diagnose(traces), { ...NOTHING, ...expected });
}

/** A connection that holds operator.read, and what is called on it. */
export function reader(id: number, ...steps: readonly Step[]): readonly NewEntry[] {
  const scopes = ["operator.read"];
  return conversation(
    { connection: id, startMs: id * 100 },
    challenge(),
    connect({ device: "d", scopes }),
    helloOk({ scopes }),
    ...steps,
    close("client"),
  );
}

/** Text that tries to leave every format that it is put into. */
const HOSTILE = `</failure>]]>&"'\u0000\u001b[2J\u0085\ud800\uffff\n::error::owned\r%0A,a:b`;

/** A recording named `name` in which `agent` is refused for want of a scope, and `status` with hostile text. */
export function failing(name: string): Trace {
  return traceOf(
    [
      reader(
        1,
        req("1", "agent"),
        refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
        req("2", "status"),
        refused("2", "UNAVAILABLE", HOSTILE),
        req("3", "health"),
        ok("3"),
      ),
    ],
    { name },
  );
}
