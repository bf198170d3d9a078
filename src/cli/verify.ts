import { Command } from "commander";
import type { Entry, GapEntry } from "../recording/entry.ts";
import { renderVerify, type VerifiedRecording } from "../views/verify.ts";
import { openNamed } from "./read-traces.ts";
import { RECORDINGS_HELP } from "./recording-argument.ts";
import { printResult } from "./output.ts";

const MAX_BLIND = 20;

/** `gw-trace verify <recording...>`: reads everything; exits with 1 when something is damaged or missing. */
export function verifyCommand(): Command {
  return new Command("verify")
    .argument("<recording...>", RECORDINGS_HELP)
    .option("--json", "print one JSON document")
    .action(async (names: readonly string[], options: { readonly json?: true }) => {
      const verified: VerifiedRecording[] = [];
      for (const name of names) verified.push(await verify(name));
      printResult(options.json, { recordings: verified }, () =>
        verified.map(renderVerify).join(""),
      );
      if (verified.some(({ sound }) => !sound)) process.exitCode = 1;
    });
}

async function verify(name: string): Promise<VerifiedRecording> {
  await using reader = await openNamed(name);
  let entries = 0;
  const blind: string[] = [];
  for await (const block of reader.blocks({ checkIndex: true })) {
    entries += block.length;
    for (const entry of block)
      if (isUncounted(entry)) blind.push(`entry ${entry.entry}: ${entry.reason}`);
  }
  // What is missing is all known only now.
  const { complete, sizeBytes } = reader;
  const missing = [...reader.missing, ...blind.slice(0, MAX_BLIND)];
  const sound = complete && missing.length === 0;
  return { name: reader.name, sound, complete, entries, sizeBytes, missing };
}

/** A gap of the whole recording that cannot say how many entries it cost: the numbers of the entries do not show it. */
function isUncounted(entry: Entry): entry is Entry & GapEntry {
  return entry.kind === "gap" && entry.connection === 0 && entry.missingEntries === 0;
}
