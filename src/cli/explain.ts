import { closest } from "fastest-levenshtein";
import { Command } from "commander";
import { GwTraceError, usageError } from "../errors.ts";
import { diagnose } from "../findings/diagnose.ts";
import { findingsByConnection } from "../findings/rule.ts";
import type { Connection, Trace } from "../trace/model.ts";
import { renderExplanation } from "../views/explain.ts";
import { isProblem } from "../views/verdict.ts";
import { print, styleFor } from "./output.ts";
import { profileOption, readProfiles, type ProfileOptions } from "./profile-option.ts";
import { OpenRecordings } from "./read-traces.ts";
import { RECORDING_HELP } from "./recording-argument.ts";

/** `gw-trace explain <recording> [what]`: the story of a connection or a call in plain sentences. */
export function explainCommand(): Command {
  return new Command("explain")
    .argument("<recording>", RECORDING_HELP)
    .argument(
      "[what]",
      "a connection (3 or c3), a method, or a request id; without it, every connection with a problem",
    )
    .addOption(profileOption())
    .option("--with <recording...>", "other recordings to look for contrasts in")
    .action(
      async (
        name: string,
        what: string | undefined,
        options: ProfileOptions & { readonly with?: readonly string[] },
      ) => {
        await using recordings = await OpenRecordings.open(
          [name, ...(options.with ?? [])],
          undefined,
          readProfiles(options),
        );
        const { trace } = recordings.first;
        const findings = diagnose(recordings.traces);
        const findingsOf = findingsByConnection(findings, trace.recording.name);
        const style = styleFor(process.stdout, process.env);
        const chosen = choose(trace, what);
        print(
          chosen
            .map((connection) =>
              renderExplanation(trace, connection, findingsOf(connection.id), style),
            )
            .join("\n"),
        );
      },
    );
}

function choose(trace: Trace, what: string | undefined): readonly Connection[] {
  const { connections } = trace;
  if (what === undefined) {
    const problems = connections.filter(isProblem);
    return problems.length > 0 ? problems : connections;
  }
  const number = /^c?(\d+)$/.exec(what)?.[1];
  const byNumber = connections.filter(({ id }) => String(id) === number);
  if (byNumber.length > 0) return byNumber;
  const byCall = connections.filter(({ rpcs }) =>
    rpcs.some(({ id, method }) => id === what || method === what),
  );
  if (byCall.length > 0) return byCall;
  throw notFound(trace, what);
}

function notFound({ recording, connections }: Trace, what: string): GwTraceError {
  const names = [
    ...connections.map(({ id }) => `c${id}`),
    ...connections.flatMap(({ rpcs }) => rpcs.map(({ method }) => method)),
  ];
  return usageError(
    `${recording.name} holds no connection, method or request id "${what}"`,
    names.length === 0
      ? "It holds no connection at all."
      : `The nearest is ${closest(what, names)}.`,
  );
}
