import { GwTraceError } from "../errors.ts";
import type { Entry } from "../recording/entry.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { buildScript } from "../replay/script/build-script.ts";
import type { Script } from "../replay/script/script.ts";
import { openAllNamed } from "./read-traces.ts";

/**
 * Reads recordings as scripts, in the order given. Says on standard error which are not whole.
 * @throws {GwTraceError} RECORDING_EMPTY, and what opening a recording may throw
 */
export async function readScripts(names: readonly string[]): Promise<readonly Script[]> {
  const readers = await openAllNamed(names);
  try {
    const scripts: Script[] = [];
    for (const reader of readers) scripts.push(await readScript(reader));
    return scripts;
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

async function readScript(reader: RecordingReader): Promise<Script> {
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  const script = buildScript(reader.name, entries, reader.header.assumedPeer);
  if (script.connections.length === 0) {
    throw new GwTraceError(
      "RECORDING_EMPTY",
      `${reader.name} holds no connection that can be played`,
      "Record a client that connects: gw-trace record.",
    );
  }
  for (const missing of reader.missing) {
    process.stderr.write(`${reader.name} is not whole: ${missing}\n`);
  }
  return script;
}
