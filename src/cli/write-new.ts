import { writeFile } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";

/**
 * Writes a report or an export to a file that must not be there yet.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new GwTraceError(
      exists ? "RECORDING_EXISTS" : "WRITE_FAILED",
      exists
        ? `${path} is there already`
        : `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      "Give another name with --output.",
      { cause: error },
    );
  }
}
