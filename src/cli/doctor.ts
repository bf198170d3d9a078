import { Command } from "commander";
import { renderDoctor } from "../views/doctor.ts";
import { checkGateway } from "./doctor-gateway.ts";
import { checkNode, checkRecordings, checkTerminal } from "./doctor-machine.ts";
import { checkConfig, checkOpenClaw } from "./doctor-openclaw.ts";
import { checkVariables, setVariables } from "./doctor-variables.ts";
import { printResult } from "./output.ts";

/** `gw-trace doctor`: what this machine has that gw-trace needs. It changes nothing and sends no credential. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nIt only reads, sends no credential, and prints no value of a variable or a setting. Exit code 1 when there is a problem.",
    )
    .action(async ({ json }: { readonly json?: true }) => {
      const { env } = process;
      const looked = await Promise.all([
        checkOpenClaw(env),
        checkConfig(env),
        checkGateway(env),
        checkRecordings(env, process.cwd()),
      ]);
      const checkups = [
        checkNode(process.versions.node),
        checkTerminal(process.stdout, env),
        ...looked,
        checkVariables(env),
      ];
      const variables = setVariables(env);
      const ok = checkups.every(({ status }) => status !== "problem");
      printResult(json, { ok, checkups, variables }, (style) =>
        renderDoctor(checkups, variables, style),
      );
      if (!ok) process.exitCode = 1;
    });
}
