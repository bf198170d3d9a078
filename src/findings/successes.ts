import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { describeCircumstances } from "./circumstances.ts";

/** A call that succeeded. */
export interface Success {
  readonly trace: Trace;
  readonly connection: Connection;
  readonly rpc: Rpc;
}

/** Of calls that succeeded under equal circumstances the first is as good as any; the second is for when the first is the one judged. */
const KEPT_OF_EQUAL = 2;

/** Where calls succeeded, by method, in order of arrival. Looked up for the first time, it reads the traces once. */
export class Successes {
  readonly #traces: readonly Trace[];
  #byMethod: ReadonlyMap<string, readonly Success[]> | null = null;

  constructor(traces: readonly Trace[]) {
    this.#traces = traces;
  }

  /** Connections on which that method succeeded; of those with equal handshakes no more than two. */
  of(method: string): readonly Success[] {
    this.#byMethod ??= collect(this.#traces);
    return this.#byMethod.get(method) ?? [];
  }
}

function collect(traces: readonly Trace[]): ReadonlyMap<string, readonly Success[]> {
  const found = new Map<string, Success[]>();
  const kept = new Map<string, number>();
  for (const trace of traces) {
    for (const connection of trace.connections) {
      const circumstances = JSON.stringify(describeCircumstances(connection));
      for (const rpc of firstOfEachMethod(connection)) {
        const key = `${rpc.method}\n${circumstances}`;
        const count = (kept.get(key) ?? 0) + 1;
        kept.set(key, count);
        if (count > KEPT_OF_EQUAL) continue;
        const same = found.get(rpc.method);
        if (same === undefined) found.set(rpc.method, [{ trace, connection, rpc }]);
        else same.push({ trace, connection, rpc });
      }
    }
  }
  return found;
}

function firstOfEachMethod({ rpcs }: Connection): Iterable<Rpc> {
  const first = new Map<string, Rpc>();
  for (const rpc of rpcs) if (rpc.ok === true && !first.has(rpc.method)) first.set(rpc.method, rpc);
  return first.values();
}
