import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GwTraceError } from "../errors.ts";
import { renderSize } from "../views/quantity.ts";
import { parseSizeBytes, readQuantity } from "./parse-quantity.ts";

const VARIABLE = "GW_TRACE_MAX_MEMORY";
const DEFAULT_MAX_BYTES = 500_000_000;

/** Of what a command may take, what is read may take so much: the program itself, and what is made of it in the end, need the rest. */
const SHARE = 0.5;

/** With no more than this beside it, garbage is left alone. */
const GARBAGE_SHARE = 0.1;

/** From here on, V8 collects garbage before there is as much of it as of what is used. */
const GROWING_SHARE = 0.3;

/**
 * What ends the reading of a recording before it takes more memory than a command may: 500 MB, or as GW_TRACE_MAX_MEMORY says. It is
 * measured, since a few bytes of a forged file may ask for any amount.
 * @throws {GwTraceError} RECORDING_TOO_LARGE, USAGE; both when it is called
 */
export function memoryWatch(name: string): () => void {
  const maxBytes = readMaxBytes(process.env);
  let isGrowing = false;
  return () => {
    const used = usedBytes();
    if (!isGrowing && used > maxBytes * GROWING_SHARE) {
      isGrowing = true;
      setFlagsFromString("--heap-growing-percent=30");
    }
    if (used < maxBytes * (SHARE + GARBAGE_SHARE)) return;
    collectGarbage();
    if (usedBytes() < maxBytes * SHARE) return;
    throw new GwTraceError(
      "RECORDING_TOO_LARGE",
      `${name} needs more than ${renderSize(maxBytes)} of memory`,
      `Look at its end alone with gw-trace show --tail 100, or allow more, as in ${VARIABLE}=2GB.`,
    );
  };
}

function readMaxBytes(env: Readonly<Record<string, string | undefined>>): number {
  const text = env[VARIABLE];
  const wanted =
    text === undefined || text === ""
      ? DEFAULT_MAX_BYTES
      : readQuantity(VARIABLE, text, parseSizeBytes, "2GB");
  // V8 ends the process beyond its own limit.
  return Math.min(wanted, getHeapStatistics().heap_size_limit);
}

function usedBytes(): number {
  // Unlike process.memoryUsage, this asks nothing of the system: it is called for every large entry.
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
