import { GwTraceError } from "../../errors.ts";
import type { Profile } from "../../gateway/profile.ts";
import type { Entry } from "../../recording/entry.ts";
import type { RecordingReader } from "../../recording/reader.ts";
import { buildScript } from "./build-script.ts";
import type { Script } from "./script.ts";

/**
 * Reads a recording as a script; `entries` is for who wants to see them pass.
 * @throws {GwTraceError} RECORDING_EMPTY
 */
export async function readScript(
  reader: RecordingReader,
  entries: AsyncIterable<Entry> = reader.entries(),
  profiles: readonly Profile[] = [],
): Promise<Script> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  const script = buildScript(reader.name, all, reader.header.assumedPeer, profiles);
  if (script.connections.length > 0) return script;
  throw new GwTraceError(
    "RECORDING_EMPTY",
    `${reader.name} holds no connection that can be played`,
    "Record a client that connects: gw-trace record.",
  );
}
