import type { Profile } from "../gateway/profile.ts";
import { readScript } from "../replay/script/build-script.ts";
import type { Script } from "../replay/script/script.ts";
import { openAllNamed } from "./read-traces.ts";
import { tell } from "./output.ts";

/**
 * Reads recordings as scripts, in the order given. Says on standard error which are not whole.
 * @throws {GwTraceError} RECORDING_EMPTY, and what opening a recording may throw
 */
export async function readScripts(
  names: readonly string[],
  profiles: readonly Profile[] = [],
): Promise<readonly Script[]> {
  const readers = await openAllNamed(names);
  try {
    const scripts: Script[] = [];
    for (const reader of readers) {
      scripts.push(await readScript(reader, reader.entries(), profiles));
      for (const missing of reader.missing) {
        tell(`${reader.name} is not whole: ${missing}\n`);
      }
    }
    return scripts;
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}
