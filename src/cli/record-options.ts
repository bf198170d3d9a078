import { Command } from "commander";
import { repeatable } from "./repeatable.ts";

/** The options of `gw-trace record` as they are written. */
export interface RecordOptions {
  readonly url?: string;
  readonly listen?: string;
  readonly output?: string;
  readonly source?: string;
  readonly allowRemote?: true;
  readonly redact: boolean;
  readonly json?: true;
  readonly mustRecord?: true;
  readonly httpBodies?: true;
  readonly maxMessage?: string;
  readonly for?: string;
  readonly maxBytes?: string;
  readonly keep: readonly string[];
  readonly saveOn: readonly string[];
  readonly around: string;
  readonly ca?: string;
  readonly tlsFingerprint?: string;
  readonly rewriteHost?: boolean;
  readonly tls?: true;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Where clients connect when nothing else was said. */
export const DEFAULT_LISTEN = "127.0.0.1:18777";

/** The command `record` with its options and help, without what it does. */
export function describeRecord(): Command {
  return new Command("record")
    .argument("[name...]", "the recording's name, made from the time when left out")
    .usage("[options] [name] [-- command...]")
    .option("--url <url>", "the Gateway (default: OPENCLAW_GATEWAY_URL, OPENCLAW_GATEWAY_PORT, or ws://127.0.0.1:18789)")
    .option("--listen <host:port>", `where clients connect; port 0 picks a free one (default: ${DEFAULT_LISTEN}, with a command a free port)`)
    .option("-o, --output <file>", "the file to write (default: in GW_TRACE_DIR, else the state folder)")
    .option("--for <duration>", "stop after that time, as in 5m")
    .option("--max-bytes <size>", "stop when the recording is about that large, as in 100MB")
    .addOption(repeatable("--keep <amount>", "flight recorder: hold only the newest 256MB, or 10m; may be given once for each"))
    .addOption(repeatable("--save-on <finding>", "flight recorder: keep the stretch around such a finding, as in missing-scope; may be given more than once"))
    .option("--around <duration>", "how much before and after it is kept", "30s")
    .option("--source <address>", "the local address that the Gateway shall see")
    .option("--allow-remote", "let clients from other machines in")
    .option("--ca <file>", "for wss://: authorities to believe instead of the system's, PEM")
    .option("--tls-fingerprint <sha256>", "for wss://: believe this certificate and no other")
    .option("--rewrite-host", "for wss://: name the Gateway in the Host header (the default)")
    .option("--no-rewrite-host", "for wss://: leave the client's Host header as it is")
    .option("--tls", "receive clients over TLS, with a certificate made for it")
    .option("--tls-cert <file>", "receive clients over TLS, with this certificate, PEM")
    .option("--tls-key <file>", "the certificate's key, PEM")
    .option("--must-record", "rather let traffic wait than not record it")
    .option("--max-message <size>", "record messages up to that size, at most 32MB, which takes some 15 times as much memory (default: 8 MiB)")
    .option("--http-bodies", "record the bodies of plain HTTP as well, up to 1 MiB each")
    .option("--no-redact", "write credentials in clear")
    .option("--json", "one JSON document a line on standard output")
    .addHelpText("after", "\nClients are pointed at the tap by OPENCLAW_GATEWAY_PORT; a command after -- is, by itself."); // prettier-ignore
}
