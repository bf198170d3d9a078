import { readFile } from "node:fs/promises";
import { systemCode, usageError } from "../errors.ts";

/**
 * Reads the text file that an option names.
 * @throws {GwTraceError} USAGE
 */
export async function readGivenFile(option: string, path: string, hint: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw usageError(`${option} ${path} cannot be read: ${systemCode(cause)}`, hint, { cause });
  }
}
