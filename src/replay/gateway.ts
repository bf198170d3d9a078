import { GwTraceError } from "../errors.ts";
import { isLoopbackAddress } from "../gateway/address.ts";
import { parseHostPort, type HostPort } from "../wire/address.ts";
import { GatewayServer } from "./gateway-server.ts";
import type { Assumptions } from "./assumptions.ts";
import type { EntrySink } from "./journal.ts";
import type { OnMiss } from "./live-connection.ts";
import type { Script } from "./script.ts";
import type { Speed, Wait } from "./speed.ts";
import type { Verdict } from "./verdict.ts";

/** How a recording is played as a Gateway. */
export interface ReplayedGatewayOptions {
  readonly scripts: readonly Script[];
  /** Recordings of the same Gateway whose answers may be used, and that nobody has to play through. */
  readonly evidence?: readonly Script[];
  /** `host:port`, loopback only. Default `127.0.0.1:0`, which picks a free port. */
  readonly listen?: string;
  /** Another order of requests than the recorded one is a difference. */
  readonly strict?: boolean;
  /** Connections and requests may be played again when they were played as often as recorded. */
  readonly reuse?: boolean;
  /** What the recordings do not say: where clients come from, how devices stand, which token is right. */
  readonly assume?: Assumptions;
  /** What becomes of a request that has no answer. Default `error`. */
  readonly onMiss?: OnMiss;
  /** How long something waits for what it followed in the recording but did not come from. Default 1000. */
  readonly maxWaitMs?: number;
  /** A multiple of the recorded speed; a silence longer than `maxWaitMs` is cut. Default `immediate`. */
  readonly speed?: Speed;
  /** Lets the delays of `speed` pass. Default: a timer. */
  readonly wait?: Wait;
  /** Opens the recording of this replay, told where it listens and when it began. */
  readonly record?: (facts: ReplayFacts) => Promise<EntrySink>;
}

/** What the header of a replay's own recording says. */
export interface ReplayFacts {
  readonly listen: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
}

/** A recording that plays the Gateway. */
export interface ReplayedGateway extends AsyncDisposable {
  /** Where clients connect to, `ws://…`. */
  readonly url: string;
  readonly address: HostPort;
  /** Resolves when every recorded connection was played and no client is left. */
  readonly finished: Promise<void>;
  /** How the replay stands now. */
  verdict(): Verdict;
  close(): Promise<void>;
}

/**
 * Plays recorded Gateways on one loopback port. Opens no other socket.
 * @throws {GwTraceError} ADDRESS_INVALID, REMOTE_NOT_ALLOWED, PORT_IN_USE, USAGE
 */
export async function startReplayedGateway(
  options: ReplayedGatewayOptions,
): Promise<ReplayedGateway> {
  const gateway = new GatewayServer(options);
  await gateway.listen(loopbackOnly(options.listen ?? "127.0.0.1:0"));
  return gateway;
}

function loopbackOnly(listen: string): HostPort {
  const address = parseHostPort(listen);
  if (isLoopbackAddress(address.host) === true) return address;
  throw new GwTraceError(
    "REMOTE_NOT_ALLOWED",
    `a replay does not listen on ${address.host}`,
    "Listen on a loopback address, such as 127.0.0.1:0.",
  );
}
