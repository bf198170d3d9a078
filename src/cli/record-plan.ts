import { usageError } from "../errors.ts";
import { clientEnvironment } from "../gateway/config.ts";
import type { KnownBeforehand } from "../redaction/known-beforehand.ts";
import type { ListenTls } from "../tap/listen-tls.ts";
import { assertListenAllowed } from "../tap/trust.ts";
import { resolveUpstream, type Upstream } from "../tap/upstream.ts";
import type { RecorderPlan } from "../tap/worker-message.ts";
import { formatAddress, type HostPort, parseHostPort } from "../wire/address.ts";
import { assertFindingName } from "./finding-names.ts";
import { type GatewayCommand, parseGatewayCommand } from "./gateway-command.ts";
import { configOf, locateGateway } from "./locate-gateway.ts";
import { parseDurationMs, parseSizeBytes, readQuantity } from "./parse-quantity.ts";
import { DEFAULT_LISTEN, type RecordOptions } from "./record-options.ts";
import { hostFor, readListenTls, withTrust } from "./record-tls.ts";
import { newRecordingPath } from "./write-recording.ts";
import { gatewayEnvironment } from "./run-client.ts";

/** What `record` is going to do, read from what the user wrote. */
export interface RecordPlan {
  readonly upstream: Upstream;
  readonly rewriteHost: string | null;
  readonly listen: HostPort;
  readonly listenTls: ListenTls | null;
  readonly source: string | null;
  readonly path: string;
  readonly command: PlannedCommand | null;
  readonly forMs: number | null;
  readonly maxBytes: number | null;
  readonly maxMessageBytes: number | null;
  readonly flight: RecorderPlan["flight"];
  readonly known: KnownBeforehand;
}

/** The command that runs beside the tap. */
export interface PlannedCommand {
  readonly words: readonly string[];
  /** How it runs a Gateway; null when it is a client. */
  readonly gateway: GatewayCommand | null;
  /** The token that makes OpenClaw honour a URL, if one is known. */
  readonly token: string | null;
}

/**
 * Reads the command line.
 * @throws {GwTraceError} USAGE, URL_INVALID, ADDRESS_INVALID, REMOTE_NOT_ALLOWED
 */
export async function planRecording(
  name: string | null,
  words: readonly string[] | null,
  options: RecordOptions,
): Promise<RecordPlan> {
  const { env } = process;
  if (words?.length === 0) {
    throw usageError(
      "no command stands after --",
      "Write it as in: gw-trace record -- openclaw status.",
    );
  }
  const gateway = words === null ? null : parseGatewayCommand(words);
  const place = gateway === null ? null : await locateGateway(gateway, env);
  const upstream = resolveUpstream(options.url ?? place?.url, env);
  const listen = parseHostPort(options.listen ?? (words === null ? DEFAULT_LISTEN : "127.0.0.1:0"));
  assertListenAllowed(listen, options.allowRemote === true);
  assertNotItself(listen, upstream);
  const trusted = await withTrust(upstream, options);
  return {
    upstream: trusted,
    rewriteHost: hostFor(trusted, options),
    listen,
    listenTls: await readListenTls(options, listen.host),
    source: options.source ?? null,
    path: await newRecordingPath({ name, output: options.output ?? null }),
    command:
      words === null
        ? null
        : { words, gateway, token: place?.token ?? (env["OPENCLAW_GATEWAY_TOKEN"] || null) },
    forMs: readLimit("--for", options.for, parseDurationMs, "5m"),
    maxBytes: readLimit("--max-bytes", options.maxBytes, parseSizeBytes, "100MB"),
    maxMessageBytes: readMaxMessage(options.maxMessage),
    flight: planFlight(options),
    known: { configFile: gateway && configOf(gateway, env), command: words ?? [] },
  };
}

/** The environment that makes the command, or the Gateway that it runs, go through the tap. */
export function commandEnvironment(
  { gateway, token }: PlannedCommand,
  listen: HostPort,
  usesTls: boolean,
): NodeJS.ProcessEnv {
  const url = `${usesTls ? "wss" : "ws"}://${formatAddress(listen.host, listen.port)}`;
  return gateway === null
    ? clientEnvironment(process.env, { url, port: listen.port }, token)
    : gatewayEnvironment(process.env, url, token);
}

/** What is written at once is bounded. */
const MOST_MESSAGE_BYTES = 32_000_000;

function readMaxMessage(text: string | undefined): number | null {
  const sizeBytes = readLimit("--max-message", text, parseSizeBytes, "25MB");
  if (sizeBytes === null || sizeBytes <= MOST_MESSAGE_BYTES) return sizeBytes;
  throw usageError(
    `--max-message ${text} is more than can be recorded`,
    "Say 32MB or less: larger messages are passed on, and counted.",
  );
}

function readLimit(
  option: string,
  text: string | undefined,
  parse: (text: string) => number | null,
  example: string,
): number | null {
  return text === undefined ? null : readQuantity(option, text, parse, example);
}

// Someone who exported OPENCLAW_GATEWAY_PORT to reach the tap has it set for the tap as well.
function assertNotItself(listen: HostPort, upstream: Upstream): void {
  const isSame = listen.port === upstream.port && listen.host === upstream.host;
  if (!isSame || listen.port === 0) return;
  throw usageError(
    `gw-trace would listen on ${upstream.url} and connect to itself`,
    "Name the Gateway with --url, or another address to listen on with --listen.",
  );
}

/** What a flight recorder takes at most when only a time was said: its traffic may be more than the disk. */
const DEFAULT_MAX_BYTES = 1e9;

/** Less than this holds no handshake of a real Gateway. */
const LEAST_BYTES = 1e6;

/**
 * Reads what makes a recording a flight recorder; null when nothing does.
 * @throws {GwTraceError} USAGE
 */
export function planFlight({
  keep,
  saveOn,
  around,
  maxBytes,
}: RecordOptions): RecorderPlan["flight"] {
  if (keep.length === 0) {
    if (saveOn.length === 0) return null;
    throw usageError("--save-on is for a flight recorder", "Add --keep, as in --keep 256MB.");
  }
  if (maxBytes !== undefined) {
    throw usageError(
      "--max-bytes ends a recording, --keep goes on for ever",
      "Give one of the two.",
    );
  }
  const sizes = keep.map(parseSizeBytes).filter((size) => size !== null);
  const ages = keep.map(parseDurationMs).filter((age) => age !== null);
  if (sizes.length + ages.length < keep.length || sizes.length > 1 || ages.length > 1) {
    throw usageError(
      `--keep ${keep.join(" --keep ")} cannot be read`,
      "Write --keep 256MB or 10m.",
    );
  }
  const [size = DEFAULT_MAX_BYTES] = sizes;
  if (size < LEAST_BYTES)
    throw usageError(`--keep ${keep.join(" ")} is too little`, "Keep 1MB or more.");
  for (const wanted of saveOn) assertFindingName("--save-on", wanted);
  const aroundMs = readQuantity("--around", around, parseDurationMs, "30s");
  return { maxBytes: size, maxAgeMs: ages[0] ?? null, aroundMs, saveOn };
}
