import { Command } from "commander";
import { diffProfiles } from "../gateway/diff-profiles.ts";
import { measuredProfiles, measuredVersions } from "../gateway/measured-profiles.ts";
import { GwTraceError } from "../errors.ts";
import { historyOf, summarizeVersions } from "../gateway/profile-history.ts";
import { renderHistory, renderVersions } from "../views/profile-history.ts";
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
  command
    .command("ls")
    .description("list the versions that were measured, and how much changed in each")
    .option("--json", "print one JSON document")
    .action(list);
  command
    .command("history")
    .description("show in which version a rule, or what a method needs, changed")
    .argument("<name>", "a method, or a rule as it is named in a profile's JSON")
    .option("--json", "print one JSON document")
    .action(history);
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

function list(options: JsonOption): void {
  const versions = summarizeVersions(measuredProfiles());
  printResult(options.json, versions, () => renderVersions(versions));
}

function history(name: string, options: JsonOption): void {
  const steps = historyOf(name, measuredProfiles());
  if (steps === null) {
    throw new GwTraceError(
      "USAGE",
      `no measured version has a method or a rule ${name}`,
      "List methods and rules with gw-trace profile show, rules by name with --json.",
    );
  }
  printResult(options.json, { name, steps }, (style) => renderHistory(steps, style));
}
