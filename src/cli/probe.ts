import { Command } from "commander";
import { formatProfile } from "../gateway/profile.ts";
import type { ProbedProfile } from "../probe/build-profile.ts";
import { probeProfile } from "../probe/probe.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import { renderProfile } from "../views/profile.ts";
import { ALLOW_PLAINTEXT, credentialsFor, type CredentialOptions } from "./credentials.ts";
import { escapeJson } from "../views/printable.ts";
import { printResult, tell } from "./output.ts";
import { writeOutput } from "./write-output.ts";

interface ProbeOptions extends CredentialOptions {
  readonly url?: string;
  readonly output?: string;
  readonly json?: true;
}

/** `gw-trace probe`: asks a live Gateway, without any scope, what each of its methods needs. */
export function probeCommand(): Command {
  return new Command("probe")
    .option("--url <url>", "the Gateway (default: OPENCLAW_GATEWAY_URL, OPENCLAW_GATEWAY_PORT, or ws://127.0.0.1:18789)")
    .option("--token-file <file>", "a file that holds the Gateway's token (default: OPENCLAW_GATEWAY_TOKEN or _PASSWORD)")
    .option(...ALLOW_PLAINTEXT)
    .option("-o, --output <file>", "write the profile there, as JSON")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nIt changes nothing: it asks for no scopes, so that the Gateway refuses each method before it looks at its params, and it stops\nat once when one that needs a scope is let through. Some Gateways keep a row about every client that connects.",
    )
    .action(probe); // prettier-ignore
}

async function probe(options: ProbeOptions): Promise<void> {
  const gateway = resolveUpstream(options.url, process.env);
  const auth = await credentialsFor(gateway, options, process.env);
  const probed = await probeProfile({ url: gateway.url, auth });
  if (options.output !== undefined)
    await writeOutput(options.output, escapeJson(formatProfile(probed.profile)));
  printResult(options.json, probed, (style) =>
    renderProfile(probed.profile, notesOn(probed), style),
  );
  if (options.output !== undefined) tell(`wrote ${options.output}\n`);
}

function notesOn({ assumed, letThrough }: ProbedProfile): readonly string[] {
  return [
    'No probe can see which scopes imply others, which clients keep scopes without a device, whom a connect lets in and what depends on params: that is "not measured" in the profile.',
    ...(assumed.length === 0
      ? []
      : [
          `Not advertised, and refused as an unknown method would be; taken as methods because the nearest measured versions have them: ${assumed.join(", ")}.`,
        ]),
    ...(letThrough.length === 0
      ? []
      : [`Let through without a scope, with empty params: ${letThrough.join(", ")}.`]),
    "A method may need more than this, depending on its params. Where operator.admin is named, other scopes may do as well.",
  ];
}
