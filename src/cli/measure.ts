import { Command } from "commander";
import { diffProfiles } from "../gateway/diff-profiles.ts";
import { fill } from "../gateway/rules.ts";
import { formatMeasurement, measure, openQuestions, type Measurement } from "../measure/measure.ts";
import { findOpenClaw } from "../measure/openclaw.ts";
import { escapeJson, toPrintable } from "../views/printable.ts";
import { renderProfileDiff } from "../views/profile-diff.ts";
import { renderParagraph, type Style } from "../views/style.ts";
import { printResult, tell } from "./output.ts";
import { writeOutput } from "./write-output.ts";

interface MeasureOptions {
  readonly openclaw: string;
  readonly node: string;
  readonly output: string;
}

/** `gw-trace measure`: finds the rules of an OpenClaw by what its Gateway does. */
export function measureCommand(): Command {
  return new Command("measure")
    .requiredOption("--openclaw <folder>", "where it is installed, or the version that is installed and removed again")
    .requiredOption("-o, --output <file>", "write the profile there, with the cases that prove each rule")
    .option("--node <file>", "the Node that runs it", process.execPath)
    .addHelpText(
      "after",
      "\nIt starts throw-away Gateways, each with a state folder and a port of its own and without channels, and meets them with about a\nthousand clients, near and, where a network namespace can be made, far. A rule that no case proves is not measured.",
    )
    .action(run); // prettier-ignore
}

async function run({ openclaw, node, output }: MeasureOptions): Promise<void> {
  // The throw-away Gateway ends with this process, whatever ends that.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130)); // prettier-ignore
  await using openClaw = await findOpenClaw(openclaw, node);
  const measurement = await measure(openClaw, (line) => tell(`${line}\n`));
  await writeOutput(output, escapeJson(formatMeasurement(measurement)));
  printResult(false, measurement, (style) => render(measurement, style));
  tell(`wrote ${output}\n`);
}

function render(measurement: Measurement, style: Style): string {
  const { profile, nearest, foreseen, seen, unexplained, whyNotFar } = measurement;
  const open = openQuestions(profile);
  const notes = [
    `These rules of OpenClaw ${profile.version} foresee ${foreseen} of ${seen} answers.`,
    ...(unexplained.length === 0 ? [] : [`No rule explains ${unexplained.length}: ${unexplained.join("; ")}.`]),
    ...(whyNotFar === null ? [] : [`Nothing was measured from afar: ${whyNotFar}.`]),
    ...(open.length === 0 ? [] : [`Not measured: ${open.join("; ")}.`]),
  ]; // prettier-ignore
  // What was not measured is no change.
  const changes = renderProfileDiff(diffProfiles(nearest, fill(profile, nearest)), style);
  return `${changes}\n${notes.map((note) => `${renderParagraph("note  ", toPrintable(note), style, 0)}\n`).join("")}`;
}
