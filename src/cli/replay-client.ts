import { GwTraceError, usageError } from "../errors.ts";
import { gatewayVersion } from "../findings/diagnose.ts";
import type { DeviceKey } from "../gateway/device.ts";
import type { Profile } from "../gateway/profile.ts";
import { createRecording } from "../recorder/writer.ts";
import { createConnectPreparer, parseDeviceIdentity } from "../replay/client/prepare-connect.ts";
import {
  buildClientVerdict,
  playClient,
  type PlayedClients,
} from "../replay/client/play-client.ts";
import { Journal } from "../replay/journal.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import type { Connection } from "../trace/model.ts";
import { credentialsFor, type CredentialOptions } from "./credentials.ts";
import { isGood, printVerdict } from "./print-verdict.ts";
import { tell } from "./output.ts";
import { readProfiles, type ProfileOptions } from "./profile-option.ts";
import { readGivenFile } from "./read-given-file.ts";
import { readClients, type RecordedClients } from "./read-clients.ts";
import { newRecordingPath } from "./write-recording.ts";

/** What was said about playing clients. */
export interface ReplayClientOptions extends CredentialOptions, ProfileOptions {
  readonly url?: string;
  readonly identity?: string;
  readonly allowWrites?: true;
  readonly output?: string;
  readonly maxWaitMs: number;
  readonly json?: true;
  readonly format: "text" | "markdown";
}

/**
 * Plays the clients of recordings to a real Gateway and prints how they fare. Resolves to the exit code.
 * @throws {GwTraceError} USAGE, URL_INVALID, GATEWAY_UNREACHABLE, RECORDING_EMPTY, and what opening and creating recordings may throw
 */
export async function replayAsClient(
  names: readonly string[],
  options: ReplayClientOptions,
): Promise<number> {
  const gateway = resolveUpstream(options.url, process.env);
  const { url } = gateway;
  const credentials = await credentialsFor(gateway, options, process.env);
  const device = options.identity === undefined ? null : await readIdentity(options.identity);
  const profiles = readProfiles(options);
  const recorded = await readClients(names, profiles);
  const { before } = recorded;
  const path = await newRecordingPath({ name: null, output: options.output ?? null });
  const clients = await play({ recorded, url, path, credentials, device, profiles, options });
  const { connections, heldBack } = clients;
  const verdict = buildClientVerdict(before, { connections }, heldBack, url);
  if (connections.every(({ upgrade }) => upgrade?.status !== 101))
    throw unreachable(url, connections);
  for (const origin of recorded.origins) tell(`${origin}\n`);
  tell(`recorded this replay in ${path}\n`);
  printVerdict(verdict, options);
  if (options.allowWrites !== true) tellHeldBack(clients);
  return isGood(verdict) ? 0 : 1;
}

interface Play {
  readonly recorded: RecordedClients;
  readonly url: string;
  readonly path: string;
  readonly credentials: { readonly token?: string; readonly password?: string };
  readonly device: DeviceKey | null;
  readonly profiles: readonly Profile[];
  readonly options: ReplayClientOptions;
}

async function play(the: Play): Promise<PlayedClients> {
  const journal = new Journal(null, the.profiles);
  const { before, entries, recordings } = the.recorded;
  await using writer = await createRecording(the.path, {
    source: "replayed-client",
    startedAt: journal.startedAt,
    upstream: the.url,
    listen: null,
    redaction: "credentials",
    replayOf: recordings,
    assumedPeer: null,
  });
  journal.writeTo(writer);
  const { credentials, device, options } = the;
  return await playClient({
    entries,
    url: the.url,
    maxWaitMs: options.maxWaitMs,
    journal,
    prepareConnect: createConnectPreparer({ credentials, device, nowMs: () => Date.now() }),
    sendRules: {
      recordedVersion: gatewayVersion(before),
      allowWrites: options.allowWrites === true,
      profiles: the.profiles,
    },
  });
}

async function readIdentity(path: string): Promise<DeviceKey> {
  const hint =
    "Give identity/device.json of an OpenClaw state folder; where OpenClaw keeps the identity in a database, it cannot be read.";
  const key = parseDeviceIdentity(await readGivenFile("--identity", path, hint));
  if (key === null) throw usageError(`${path} is no device identity`, hint);
  return key;
}

function unreachable(url: string, connections: readonly Connection[]): GwTraceError {
  const why = connections[0]?.close?.reason || "no connection came about";
  return new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `the Gateway at ${url} took none of the recorded connections: ${why}`,
    "Check that an OpenClaw Gateway is up there: openclaw gateway status.",
  );
}

function tellHeldBack({ heldBack }: PlayedClients): void {
  if (heldBack.length === 0) return;
  const methods = [...new Set(heldBack.map(({ method }) => method))].join(", ");
  tell(`held back: ${methods}; --allow-writes sends what may change something\n`);
}
