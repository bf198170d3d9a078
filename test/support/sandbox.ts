import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import { challenge, conversation, numbered } from "./conversation.ts";
import { HEADER } from "./traces.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

// One connection, and a line that makes no sense.
const LINES = [
  JSON.stringify({ kind: "header", ...HEADER }),
  ...numbered(conversation({}, challenge())).map(encodeEntryLine),
  '{"kind":"surprise"}',
  JSON.stringify({ kind: "end", entries: 4, complete: true, missing: [] }),
];

// What browsers and packet sniffers left: real ones, by the names that the documentation gives them.
const FOREIGN = {
  "session.har": "control-ui.playwright.har",
  "lo.pcapng": "sessions-spawn.pcapng",
};

/** A home as a user has it: recordings in the state folder, captures, and `gw-trace` and a stand-in for `openclaw` on the PATH. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes such a folder; what runs in it sees nothing of the user's own environment. */
export async function createSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(path.join(tmpdir(), "gw-trace-sandbox-"));
  const bin = path.join(folder, "bin");
  await mkdir(bin);
  await mkdir(path.join(folder, ".config/fish/completions"), { recursive: true });
  const state = path.join(folder, ".local/state/gw-trace");
  await cp(path.join(ROOT, "recordings"), state, { recursive: true });
  await writeFile(path.join(folder, "exported.jsonl"), `${LINES.join("\n")}\n`);
  for (const [name, fixture] of Object.entries(FOREIGN))
    await cp(path.join(ROOT, "test/exchange/fixtures", fixture), path.join(folder, name));
  await writeLauncher(path.join(bin, "gw-trace"), path.join(ROOT, "dist/cli/main.js"));
  await writeLauncher(
    path.join(bin, "openclaw"),
    path.join(import.meta.dirname, "openclaw-stand-in.mjs"),
  );
  const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
  return {
    folder,
    env: { PATH, HOME: folder, TMPDIR: folder },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function writeLauncher(file: string, main: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(file, 0o755);
}
