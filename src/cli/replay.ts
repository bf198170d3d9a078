import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { usageError } from "../errors.ts";
import { clientEnvironment } from "../gateway/config.ts";
import { ownField } from "../gateway/json-object.ts";
import type { Profile } from "../gateway/profile.ts";
import { createRecording, type RecordingWriter } from "../recorder/writer.ts";
import { parseAssumptions } from "../replay/derive/world.ts";
import { readSpeed } from "../replay/play/waiting.ts";
import { readScript } from "../replay/script/build-script.ts";
import type { Script } from "../replay/script/script.ts";
import type { ReplayedGateway } from "../replay/serve/replayed-gateway.ts";
import { startReplayedGateway } from "../replay/serve/gateway-server.ts";
import { tell } from "./output.ts";
import { isGood, printVerdict } from "./print-verdict.ts";
import { readProfiles } from "./profile-option.ts";
import { openAllNamed } from "./read-traces.ts";
import { newRecordingPath } from "./write-recording.ts";
import { replayAsClient } from "./replay-client.ts";
import { describeReplay, type ReplayOptions } from "./replay-options.ts";
import { runClient } from "./run-client.ts";
import { splitCommand } from "./split-command.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** A real Gateway may take its time: its first agent run keeps it busy for seconds. */
const CLIENT_MAX_WAIT_MS = 30_000;

/** Clients are answered first. */
const WHILE_SERVING = { hasToHurry: true };

/** `gw-trace replay <recording...> [-- command]`: plays the Gateway of a recording, with no Gateway running. */
export function replayCommand(): Command {
  return describeReplay().action(
    async (names: readonly string[], options: ReplayOptions, self: Command) => {
      if (options.as === "client") {
        await replayClients(names, options, self);
        return;
      }
      const { recordings, command } = readArguments(names, self);
      await replay(recordings, command, options);
    },
  );
}

async function replayClients(
  names: readonly string[],
  options: ReplayOptions,
  self: Command,
): Promise<void> {
  const { recordings, command } = readArguments(names, self);
  if (command.length > 0) {
    throw usageError(
      "clients are played to a Gateway that runs, without a command",
      "Write gw-trace replay --as client <recording...> --url <url>.",
    );
  }
  const maxWaitMs = parseMs(options.maxWait) ?? CLIENT_MAX_WAIT_MS;
  process.exitCode = await replayAsClient(recordings, { ...options, maxWaitMs });
}

async function replay(
  names: readonly string[],
  command: readonly string[],
  options: ReplayOptions,
): Promise<void> {
  const profiles = readProfiles(options);
  const all = await readScripts([...names, ...options.with], profiles);
  const recorded = all.slice(0, names.length);
  const scripts = onlyConnection(recorded, options.connection);
  const maxWaitMs = parseMs(options.maxWait);
  let writer: RecordingWriter | null = null;
  const gateway = await startReplayedGateway({
    scripts,
    listen: options.listen,
    strict: options.strict === true,
    reuse: options.reuse === true,
    evidence: [...(options.connection === undefined ? [] : recorded), ...all.slice(names.length)],
    assume: parseAssumptions(options.assume),
    profiles,
    allowOrigins: options.allowOrigin,
    onMiss: options.onMiss,
    ...(maxWaitMs === null ? {} : { maxWaitMs }),
    speed: readSpeed(options.speed),
    shiftTimes: options.shiftTimes === true,
    record: async (header) => {
      const path = await newRecordingPath({ name: null, output: options.output ?? null });
      writer = await createRecording(path, header, WHILE_SERVING);
      return writer;
    },
  });
  let code: number;
  try {
    code = await runUntilDone(gateway, command, options);
  } finally {
    await gateway.close();
    await closeRecording(writer, options.output !== undefined);
  }
  const verdict = gateway.verdict();
  // With a command, stdout is the command's; a JSON document is always on stdout.
  printVerdict(verdict, options, command.length > 0 ? process.stderr : process.stdout);
  process.exitCode = code === 0 && !isGood(verdict) ? 1 : code;
}

/** Resolves to the exit code that the replay's end asks for, the verdict aside. */
async function runUntilDone(
  gateway: ReplayedGateway,
  command: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  const { url, address } = gateway;
  // Listened for before the address is told: who reads it may interrupt at once.
  const interrupted = command.length > 0 ? null : untilInterrupted();
  tell(
    `replaying on ${url}\npoint clients there:  OPENCLAW_GATEWAY_PORT=${address.port} openclaw …\n`,
  );
  if (interrupted === null) {
    const token = ownField(process.env, options.tokenEnv) ?? "";
    const target = { url, port: address.port };
    const env = clientEnvironment(process.env, target, token === "" ? null : token);
    return runClient({ command, env, stdoutToStderr: options.json === true });
  }
  const finished = gateway.finished.then(() => 0);
  return Promise.race(options.once === true ? [interrupted, finished] : [interrupted]);
}

/** The scripts with only that connection of the first recording in which there is one. */
function onlyConnection(scripts: readonly Script[], wanted: string | undefined): readonly Script[] {
  if (wanted === undefined) return scripts;
  for (const script of scripts) {
    const connections = script.connections.filter(({ id }) => String(id) === wanted);
    if (connections.length > 0) return [{ ...script, connections }];
  }
  throw usageError(
    `--connection ${wanted} is none of the recorded connections that can be played`,
    "Choose one that gw-trace show lists.",
  );
}

/** A replay that nobody came to would only be in the way as the `last` recording; a file that was asked for stays. */
async function closeRecording(writer: RecordingWriter | null, wasNamed: boolean): Promise<void> {
  const closed = await writer?.close();
  if (closed === undefined) return;
  if (closed.entries === 0 && closed.missedEntries === 0 && !wasNamed) {
    await rm(closed.path, { force: true });
    tell("no client came, so nothing was recorded\n");
    return;
  }
  const cut = closed.complete ? "" : " (not complete)";
  tell(`recorded this replay in ${closed.path}${cut}\n`);
}

function readArguments(
  operands: readonly string[],
  self: Command,
): { readonly recordings: readonly string[]; readonly command: readonly string[] } {
  const { operands: recordings, command } = splitCommand(operands, self);
  if (command === null) return { recordings, command: [] };
  if (recordings.length > 0 && command.length > 0) return { recordings, command };
  throw usageError(
    command.length === 0 ? "no command stands after --" : "no recording stands before --",
    "Write gw-trace replay <recording...> -- <command...>.",
  );
}

function parseMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = Number(text);
  if (text.trim() !== "" && Number.isFinite(ms) && ms >= 0) return ms;
  throw usageError(
    `--max-wait ${text} is no number of milliseconds`,
    "Write a number, such as --max-wait 500.",
  );
}

/**
 * Reads recordings as scripts, in the order given. Says on standard error which are not whole.
 * @throws {GwTraceError} RECORDING_EMPTY, and what opening a recording may throw
 */
export async function readScripts(
  names: readonly string[],
  profiles: readonly Profile[] = [],
): Promise<readonly Script[]> {
  await using opened = await openAllNamed(names);
  const scripts: Script[] = [];
  for (const reader of opened.readers) {
    scripts.push(await readScript(reader, reader.entries(), profiles));
    for (const missing of reader.missing) tell(`${reader.name} is not whole: ${missing}\n`);
  }
  return scripts;
}
