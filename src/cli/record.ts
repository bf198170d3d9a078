import { Command } from "commander";
import { GwTraceError } from "../errors.ts";
import { recordingName } from "../recording/reader.ts";
import { parseHostPort } from "../wire/address.ts";
import { probeGateway } from "../tap/probe.ts";
import { startRecordSession } from "../tap/session.ts";
import { assertListenAllowed, describeTrustChange } from "../tap/trust.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import { createJsonOutput, createTextOutput } from "./record-output.ts";
import { newRecordingPath } from "./recording-path.ts";
import type { HostPort } from "../wire/address.ts";
import type { Notice } from "../tap/notices.ts";
import type { RecordSession } from "../tap/session.ts";
import type { Upstream } from "../tap/upstream.ts";
import type { Listening, RecordOutput, Tally } from "./record-output.ts";

interface RecordOptions {
  readonly url?: string;
  readonly listen: string;
  readonly output?: string;
  readonly source?: string;
  readonly allowRemote?: true;
  readonly redact: boolean;
  readonly json?: true;
}

/** `gw-trace record [name]`: stands between clients and a Gateway, and writes down what crosses. */
export function recordCommand(): Command {
  return new Command("record")
    .argument("[name]", "the recording's name; made from the time when left out")
    .option("--url <url>", "the Gateway (default: OPENCLAW_GATEWAY_URL, OPENCLAW_GATEWAY_PORT, or ws://127.0.0.1:18789)")
    .option("--listen <host:port>", "where clients connect; port 0 picks a free one", "127.0.0.1:18777")
    .option("-o, --output <file>", "the file to write (default: in GW_TRACE_DIR, ./recordings or the state folder)")
    .option("--source <address>", "the local address that the Gateway shall see")
    .option("--allow-remote", "let clients from other machines in")
    .option("--no-redact", "write credentials in clear")
    .option("--json", "one JSON document a line on standard output")
    .addHelpText("after", "\nThen point a client at it:\n  OPENCLAW_GATEWAY_PORT=18777 openclaw status")
    .action(async (name: string | undefined, options: RecordOptions) => {
      await record(name ?? null, options);
    }); // prettier-ignore
}

async function record(name: string | null, options: RecordOptions): Promise<void> {
  const output = options.json === true ? createJsonOutput() : createTextOutput();
  const upstream = resolveUpstream(options.url, process.env);
  const listen = parseHostPort(options.listen);
  assertListenAllowed(listen, options.allowRemote === true);
  assertNotItself(listen, upstream);
  const path = await newRecordingPath({ name, output: options.output ?? null });
  const source = options.source ?? null;
  const tally: Tally = { connections: 0, calls: 0, failed: 0 };
  const interrupted = untilInterrupted();
  const session = await startRecordSession({
    listen,
    upstream,
    source,
    path,
    redaction: options.redact ? "credentials" : "off",
    onNotice: (notice) => {
      count(tally, notice);
      output.notice(notice);
    },
    onBlind: (error) => output.blind(error),
  });
  const facts = describe(session, upstream, path, options);
  output.listening(facts);
  await warn(output, upstream, listen, source);
  process.exitCode = await interrupted;
  output.summary(facts, tally, await session.close());
}

function describe(
  { tap }: RecordSession,
  { url }: Upstream,
  path: string,
  { output, redact }: RecordOptions,
): Listening {
  const name = recordingName(path);
  return {
    url,
    address: tap.address,
    listen: tap.hostPort,
    path,
    name,
    reference: output === undefined ? name : path,
    redacted: redact,
  };
}

async function warn(
  output: RecordOutput,
  upstream: Upstream,
  listen: HostPort,
  source: string | null,
): Promise<void> {
  const probe = await probeGateway(upstream, source);
  if (!probe.reached) {
    output.warn(
      `no Gateway answers at ${upstream.url} (${probe.error}); recording all the same: clients meet a reset until it is there`,
    );
  }
  const change = describeTrustChange(listen, probe);
  if (change !== null) output.warn(`mind that ${change}`);
}

/** Resolves to the exit code when the user or the system wants an end; a second signal does not wait for the recording. */
function untilInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(code));
        resolve(code);
      });
    }
  });
}

function count(tally: Tally, { kind, connection }: Notice): void {
  if (kind !== "closed") return;
  tally.connections += 1;
  tally.calls += connection.rpcs.length;
  tally.failed += connection.rpcs.filter(({ ok }) => ok === false).length;
}

// Someone who exported OPENCLAW_GATEWAY_PORT to reach the tap has it set for the tap as well.
function assertNotItself(listen: HostPort, upstream: Upstream): void {
  const isSame = listen.port === upstream.port && listen.host === upstream.host;
  if (!isSame || listen.port === 0) return;
  throw new GwTraceError(
    "USAGE",
    `gw-trace would listen on ${upstream.url} and connect to itself`,
    "Name the Gateway with --url, or another address to listen on with --listen.",
  );
}
