/*
 * Loaded before a program (node --import): when it ends, the most memory that it held, in kB, goes to the file that GW_TRACE_PEAK_FILE
 * names.
 */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const file = process.env["GW_TRACE_PEAK_FILE"];
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
