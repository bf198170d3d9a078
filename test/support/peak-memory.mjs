/*
 * Loaded before a program (node --import): when it ends, the most memory that it held, in kB, goes to the file that GW_TRACE_PEAK_FILE
 * names.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** In kB. Linux counts what the parent held among what `resourceUsage` gives, but not here. */
export function peakMemory() {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return Number(kilobytes);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

process.on("exit", () => {
  const file = process.env["GW_TRACE_PEAK_FILE"];
  if (file !== undefined) writeFileSync(file, String(peakMemory()));
});
