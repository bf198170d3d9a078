import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRecording } from "../../../src/recording/reader.ts";
import type { State } from "./state.ts";

const TOKEN_FIELD = /"(?:token|deviceToken)":\s*"([^"]{16,})"/g;

/** Every token that OpenClaw keeps in the JSON files of a state folder: the shared one, and those it gave to devices. */
export async function tokensIn({ dir }: State): Promise<readonly string[]> {
  const tokens = new Set<string>();
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".json")) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    for (const [, token = ""] of text.matchAll(TOKEN_FIELD)) tokens.add(token);
  }
  return [...tokens];
}

/** Which of these secrets a recording holds, in its bytes or in an entry as read back. */
export async function secretsIn(
  recording: string,
  secrets: readonly string[],
): Promise<readonly string[]> {
  const texts = [await readFile(recording, "latin1")];
  await using reader = await openRecording(recording);
  for await (const entry of reader.entries()) texts.push(JSON.stringify(entry));
  return secrets.filter((secret) => texts.some((text) => text.includes(secret)));
}
