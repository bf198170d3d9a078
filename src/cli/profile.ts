import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { GwTraceError } from "../errors.ts";
import { diffProfiles } from "../gateway/diff-profiles.ts";
import { measuredProfile, measuredVersions } from "../gateway/measured-profiles.ts";
import { parseProfile, type Profile } from "../gateway/profile.ts";
import { renderProfileDiff } from "../views/profile-diff.ts";
import { renderProfile } from "../views/profile.ts";
import { printResult } from "./output.ts";

interface ProfileOptions {
  readonly json?: true;
}

const WHICH = "a version that was measured, or a file that gw-trace probe wrote";

/** `gw-trace profile diff A B`: what going from one Gateway version to another changes for a client. */
export function profileCommand(): Command {
  const command = new Command("profile");
  command
    .command("diff")
    .description("show what an upgrade changes for a client")
    .argument("<from>", WHICH)
    .argument("<to>", WHICH)
    .option("--json", "print one JSON document")
    .action(diff);
  command
    .command("show")
    .description("show what a version requires")
    .argument("<profile>", WHICH)
    .option("--json", "print one JSON document")
    .action(show);
  const versions = measuredVersions().join(", ");
  return command.addHelpText("after", `\nMeasured versions: ${versions}`);
}

async function diff(from: string, to: string, options: ProfileOptions): Promise<void> {
  const difference = diffProfiles(await readProfile(from), await readProfile(to));
  printResult(options.json, difference, (style) => renderProfileDiff(difference, style));
}

async function show(name: string, options: ProfileOptions): Promise<void> {
  const profile = await readProfile(name);
  printResult(options.json, profile, (style) => renderProfile(profile, [], style));
}

async function readProfile(name: string): Promise<Profile> {
  const measured = measuredProfile(name);
  if (measured !== null) return measured;
  const text = await readFile(name, "utf8").catch((cause: unknown) => {
    throw noProfile(name, "there is no such file, and no version of that name was measured", cause);
  });
  const parsed = parseProfile(text);
  if (parsed.ok) return parsed.profile;
  throw noProfile(name, parsed.reason);
}

function noProfile(name: string, why: string, cause?: unknown): GwTraceError {
  const versions = measuredVersions().join(", ");
  return new GwTraceError(
    "USAGE",
    `${name} is no profile: ${why}`,
    `Name one of ${versions}, or a file that gw-trace probe wrote.`,
    { cause },
  );
}
