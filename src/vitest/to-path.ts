import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordingPath } from "./gateway.ts";

/** The absolute path of a recording. */
export function toPath(recording: RecordingPath): string {
  return recording instanceof URL ? fileURLToPath(recording) : resolve(recording);
}
