import type { NewEntry } from "../../src/recording/entry.ts";
import type { Side } from "../../src/wire/message.ts";

/**
 * The text messages of one side, in order, on the first connection that has any. Digests of credentials are left out, as they differ
 * from recording to recording.
 */
export async function saidBy(
  side: Side,
  entries: Iterable<NewEntry> | AsyncIterable<NewEntry>,
): Promise<readonly unknown[]> {
  const said: unknown[] = [];
  let first: number | null = null;
  for await (const { connection, ...entry } of entries) {
    if (entry.kind !== "message" || entry.message.type !== "text") continue;
    first ??= connection;
    if (entry.from !== side || connection !== first) continue;
    const { sizeBytes, redacted } = entry;
    const text = entry.message.text.replaceAll(/<redacted:(\w+):\w+>/g, "<redacted:$1>");
    said.push({ text, sizeBytes, redacted });
  }
  return said;
}
