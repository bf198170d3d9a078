import { Command, Option } from "commander";
import { RECORDINGS_HELP } from "./recording-argument.ts";
import type { OnMiss } from "../replay/serve/replayed-gateway.ts";
import { ALLOW_PLAINTEXT, type CredentialOptions } from "./credentials.ts";
import { profileOption, type ProfileOptions } from "./profile-option.ts";
import { repeatable } from "./repeatable.ts";

/** The options of `gw-trace replay` as they are written. */
export interface ReplayOptions extends CredentialOptions, ProfileOptions {
  readonly listen: string;
  readonly output?: string;
  readonly json?: true;
  readonly once?: true;
  readonly strict?: true;
  readonly reuse?: true;
  readonly maxWait?: string;
  readonly speed: string;
  readonly format: "text" | "markdown";
  readonly connection?: string;
  readonly assume: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly with: readonly string[];
  readonly onMiss: OnMiss;
  readonly shiftTimes?: true;
  readonly tokenEnv: string;
  readonly as: "gateway" | "client";
  readonly url?: string;
  readonly identity?: string;
  readonly allowWrites?: true;
}

/** The command `replay` with its options and help, without what it does. */
export function describeReplay(): Command {
  return new Command("replay")
    .argument("<recording...>", RECORDINGS_HELP)
    .usage("[options] <recording...> [-- command...]")
    .option("--listen <host:port>", "where clients connect; loopback only", "127.0.0.1:0")
    .option("-o, --output <file>", "where this replay is recorded")
    .option("--json", "print the verdict as one JSON document")
    .addOption(
      new Option("--format <format>", "of the verdict: Markdown is for an issue")
        .choices(["text", "markdown"])
        .default("text"),
    )
    .option(
      "--connection <number>",
      "play only this recorded connection, and take answers from all",
    )
    .option("--once", "stop when every recorded connection was played")
    .option("--strict", "count another order of requests as a difference")
    .option("--reuse", "let connections and requests be played more often than recorded")
    .addOption(
      repeatable(
        "--assume <assumption>",
        "local, remote, unpaired, paired=<scopes>: what nobody recorded",
      ),
    )
    .addOption(
      repeatable(
        "--allow-origin <url>",
        "a web page that may come, as https://app.example; * for all",
      ),
    )
    .addOption(profileOption())
    .addOption(
      repeatable("--with <recording>", "another recording of that Gateway, to take answers from"),
    )
    .addOption(
      new Option("--on-miss <what>", "what a request without an answer gets")
        .choices(["error", "close", "pass"])
        .default("error"),
    )
    .option("--speed <how>", "as-recorded, immediate, or a multiple: 2x, 0.5x, 200%", "immediate")
    .option(
      "--max-wait <ms>",
      "how long to wait for what came before in the recording (default: 1000, with --as client 30000)",
    )
    .option("--shift-times", "move the times in what the Gateway says to now")
    .option(
      "--token-env <name>",
      "the variable that holds the Gateway token for the command",
      "OPENCLAW_GATEWAY_TOKEN",
    )
    .addOption(
      new Option("--as <side>", "play the Gateway, or the recorded clients to a Gateway")
        .choices(["gateway", "client"])
        .default("gateway"),
    )
    .option("--url <url>", "with --as client: the Gateway to try")
    .option(
      "--identity <file>",
      "with --as client: OpenClaw's identity/device.json to sign with (default: a fresh device)",
    )
    .option(
      "--token-file <file>",
      "with --as client: holds the Gateway's token (default: OPENCLAW_GATEWAY_TOKEN or _PASSWORD)",
    )
    .option(ALLOW_PLAINTEXT[0], `with --as client: ${ALLOW_PLAINTEXT[1]}`)
    .option("--allow-writes", "with --as client: send requests that may change something, too");
}
