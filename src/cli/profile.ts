import { Command } from "commander";
import { diffProfiles } from "../gateway/diff-profiles.ts";
import { measuredVersions } from "../gateway/measured-profiles.ts";
import { renderProfileDiff } from "../views/profile-diff.ts";
import { renderProfile } from "../views/profile.ts";
import { readProfile } from "./profile-option.ts";
import { printResult } from "./output.ts";

interface JsonOption {
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

async function diff(from: string, to: string, options: JsonOption): Promise<void> {
  const difference = diffProfiles(readProfile(from), readProfile(to));
  printResult(options.json, difference, (style) => renderProfileDiff(difference, style));
}

async function show(name: string, options: JsonOption): Promise<void> {
  const profile = readProfile(name);
  printResult(options.json, profile, (style) => renderProfile(profile, [], style));
}
