import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GwTraceError } from "../errors.ts";
import { partPath } from "../recorder/flight-plan.ts";
import { RECORDING_EXTENSION } from "../recording/format.ts";
import { recordingsFolder } from "../recording/locate.ts";

/** What the user said about where to write. */
export interface WantedPath {
  readonly name: string | null;
  readonly output: string | null;
}

/**
 * Where a new recording goes: the file given, else the name given or made from the time, in the recordings folder.
 * @throws {GwTraceError} USAGE
 */
export async function newRecordingPath({ name, output }: WantedPath): Promise<string> {
  return output === null ? pathInFolder(name) : resolve(output);
}

async function pathInFolder(name: string | null): Promise<string> {
  if (name !== null && /[/\\]/.test(name)) {
    throw new GwTraceError(
      "USAGE",
      `"${name}" is a path, not a name`,
      `Write gw-trace record -o ${name} to choose the file.`,
    );
  }
  const folder = recordingsFolder(process.env, process.cwd());
  if (name !== null) {
    const file = name.endsWith(RECORDING_EXTENSION) ? name : name + RECORDING_EXTENSION;
    return join(folder, file);
  }
  // 2026-11-23T04:16:00.000Z becomes 2026-11-23-041600: it sorts, and is no trouble to type.
  const stamp = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
  return freePath(join(folder, stamp));
}

async function freePath(stem: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const path = `${stem}${attempt === 1 ? "" : `-${attempt}`}${RECORDING_EXTENSION}`;
    // A flight recorder has no file of that very name.
    if (!(await isThere(path)) && !(await isThere(partPath(path, 1)))) return path;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
