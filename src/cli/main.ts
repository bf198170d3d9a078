#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { GwTraceError } from "../errors.ts";
import { TOOL_VERSION } from "../version.ts";
import { exitCodeOf, renderError } from "./output.ts";

interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Each command's own module is loaded only when it is asked for, so that starting stays cheap. */
const COMMANDS: Readonly<Record<string, LazyCommand>> = {
  record: {
    summary: "record the traffic between clients and a Gateway",
    load: async () => (await import("./record.ts")).recordCommand(),
  },
  show: {
    summary: "show connections, scopes, calls and findings of recordings",
    load: async () => (await import("./show.ts")).showCommand(),
  },
  explain: {
    summary: "tell the story of a connection or a call in plain sentences",
    load: async () => (await import("./explain.ts")).explainCommand(),
  },
  report: {
    summary: "write Markdown to paste into an issue, or an HTML page to attach to it",
    load: async () => (await import("./report.ts")).reportCommand(),
  },
  tui: {
    summary: "look at a recording in the terminal, also while it is written",
    load: async () => (await import("./tui.ts")).tuiCommand(),
  },
  replay: {
    summary: "play the Gateway of a recording to a client",
    load: async () => (await import("./replay.ts")).replayCommand(),
  },
  check: {
    summary: "fail when recordings show what they should not, for CI",
    load: async () => (await import("./check.ts")).checkCommand(),
  },
  diff: {
    summary: "compare two recordings by connection and call",
    load: async () => (await import("./diff.ts")).diffCommand(),
  },
  probe: {
    summary: "ask a live Gateway which scope each method needs, and change nothing",
    load: async () => (await import("./probe.ts")).probeCommand(),
  },
  profile: {
    summary: "show what Gateway versions require, and what an upgrade changes",
    load: async () => (await import("./profile.ts")).profileCommand(),
  },
  import: {
    summary: "make a recording of a capture in JSON lines",
    load: async () => (await import("./import.ts")).importCommand(),
  },
  export: {
    summary: "write recordings in another format, or send them as traces",
    load: async () => (await import("./export.ts")).exportCommand(),
  },
  scrub: {
    summary: "copy a recording without what it tells of anybody, or check that one does not",
    load: async () => (await import("./scrub.ts")).scrubCommand(),
  },
  minimize: {
    summary: "make the smallest recording that still shows a finding",
    load: async () => (await import("./minimize.ts")).minimizeCommand(),
  },
  merge: {
    summary: "make one recording of several",
    load: async () => (await import("./merge.ts")).mergeCommand(),
  },
  cut: {
    summary: "make a recording of a part of another",
    load: async () => (await import("./cut.ts")).cutCommand(),
  },
  info: {
    summary: "say what a recording is, without reading it all",
    load: async () => (await import("./info.ts")).infoCommand(),
  },
  verify: {
    summary: "read all of a recording and say what is damaged",
    load: async () => (await import("./verify.ts")).verifyCommand(),
  },
  prune: {
    summary: "delete old recordings",
    load: async () => (await import("./prune.ts")).pruneCommand(),
  },
  ls: {
    summary: "list the recordings found",
    load: async () => (await import("./ls.ts")).lsCommand(),
  },
  findings: {
    summary: "list every kind of finding",
    load: async () => (await import("./findings.ts")).findingsCommand(),
  },
  demo: {
    summary: "tour the founding case from the recordings shipped, offline",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
};

async function buildProgram(wanted: string | undefined): Promise<Command> {
  const program = new Command("gw-trace")
    .description("Record, understand and replay the protocol of the OpenClaw Gateway.")
    .version(TOOL_VERSION, "-V, --version")
    .addHelpText(
      "after",
      "\nStart with:  gw-trace demo   or   gw-trace record, then point a client at the address it prints.",
    );
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === wanted ? await load() : new Command(name);
    program.addCommand(command.summary(summary).description(command.description() || summary));
  }
  speakPlainly(program, "gw-trace");
  return program;
}

/** Has a command and those below it say in our words what was wrong, and leave the exit code to us. */
function speakPlainly(command: Command, path: string): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) => write(renderUsageError(text, `${path} --help`)),
  });
  for (const inner of command.commands) speakPlainly(inner, `${path} ${inner.name()}`);
}

// Commander's own words, with its suggestion for the nearest name, on one line that says what to do.
function renderUsageError(text: string, help: string): string {
  const [problem = "", suggestion] = text.trim().split("\n");
  const hint = suggestion === undefined ? "" : ` ${suggestion.replace(/^\((.*)\)$/, "$1")}`;
  return `gw-trace: ${problem.replace(/^error: /, "").replace(/\.$/, "")}.${hint} ${help} lists what there is.\n`;
}

async function main(args: readonly string[]): Promise<void> {
  const wanted = args[0] === "help" ? args[1] : args[0];
  const program = await buildProgram(wanted);
  await program.parseAsync(args, { from: "user" });
}

function fail(error: unknown, args: readonly string[]): void {
  if (error instanceof CommanderError) {
    // Commander has printed already: help and version end well, everything else is wrong usage.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`${renderError(error, args.includes("--json"))}\n`);
  process.exitCode = error instanceof GwTraceError ? exitCodeOf(error.code) : 70;
}

// A reader that closes early (`gw-trace show … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const args = process.argv.slice(2);
try {
  await main(args);
} catch (error) {
  fail(error, args);
}
