import { GwTraceError } from "../../errors.ts";
import { isLoopbackAddress } from "../../gateway/address.ts";
import { parseHostPort, type HostPort } from "../../wire/address.ts";
import { GatewayServer } from "./gateway-server.ts";
import type { ReplayedGateway, ReplayedGatewayOptions } from "./replayed-gateway.ts";

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
