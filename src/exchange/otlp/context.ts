import { hostOf } from "../../gateway/address.ts";
import type { Profile } from "../../gateway/profile.ts";
import { rulesFor } from "../../gateway/rules.ts";
import type { Connection } from "../../trace/model.ts";
import { rootSpanIdOf, toUnixMs, traceIdOf, type OtlpOrigin } from "./origin.ts";
import {
  attributesOf,
  type LooseAttributes,
  type OtlpAttributes,
  type OtlpLink,
  type OtlpSpan,
} from "./span.ts";

/** What the spans of one connection have in common. */
export interface OtlpContext {
  readonly origin: OtlpOrigin;
  /** The connection's own trace. */
  readonly traceId: string;
  readonly root: OtlpLink;
  /** What the Gateway's version requires. */
  readonly profile: Profile;
  /** Attributes that stand on each of them, so that a call also says who made it where it joins another trace. */
  readonly attributes: OtlpAttributes;
}

/** The characters of a device id that are enough to tell devices apart. */
const DEVICE_CHARACTERS = 12;

/** What is known of a connection once its handshake is over. */
export function buildContext(origin: OtlpOrigin, connection: Connection): OtlpContext {
  const { connect, hello } = connection.handshake;
  const gatewayVersion = hello?.serverVersion ?? null;
  const traceId = traceIdOf(origin, connection);
  return {
    origin,
    traceId,
    root: { traceId, spanId: rootSpanIdOf(traceId), isRemote: false },
    profile: rulesFor(gatewayVersion).profile,
    attributes: attributesOf({
      "gw_trace.recording": origin.name,
      "gw_trace.connection": connection.id,
      ...serverOf(origin, connection),
      "openclaw.gateway.version": gatewayVersion,
      "openclaw.gateway.client.id": connect?.client.id,
      "openclaw.gateway.client.mode": connect?.client.mode,
      "openclaw.gateway.role": connect?.role,
      "openclaw.gateway.device": connect?.device?.id.slice(0, DEVICE_CHARACTERS),
      "openclaw.gateway.scopes.requested": connection.scopes.requested,
      "openclaw.gateway.scopes.granted": connection.scopes.granted,
    }),
  };
}

/** What there is to say of a span; what is left out is nothing, and its parent is the connection's own. */
export type Said = Pick<OtlpSpan, "spanId" | "name"> & {
  /** In the recording's own time. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: LooseAttributes;
} & Partial<Omit<OtlpSpan, "spanId" | "name" | "startUnixMs" | "endUnixMs" | "attributes">>;

/** A span of a connection. */
export function buildSpan(
  context: OtlpContext,
  { startMs, endMs, attributes, ...own }: Said,
): OtlpSpan {
  const { origin, traceId, root } = context;
  return {
    traceId,
    parent: root,
    kind: "client",
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    error: null,
    ...own,
    startUnixMs: toUnixMs(origin, startMs),
    endUnixMs: toUnixMs(origin, endMs),
    attributes: { ...context.attributes, ...attributesOf(attributes) },
  };
}

/** `host:port` told apart; each null where it is not known. */
export function splitAddress(address: string | null): {
  readonly host: string | null;
  readonly port: number | null;
} {
  if (address === null) return { host: null, port: null };
  const port = /:(\d{1,5})$/.exec(address)?.[1];
  return { host: hostOf(address), port: port === undefined ? null : Number(port) };
}

// The semantic conventions want the name that was called, and the address where there is none.
function serverOf({ header }: OtlpOrigin, { gatewayAddress }: Connection): OtlpAttributes {
  const url = header.upstream !== null && URL.canParse(header.upstream) ? header.upstream : null;
  const { host, port } =
    url === null ? splitAddress(gatewayAddress) : hostAndPort(new URL(url), gatewayAddress);
  return attributesOf({ "server.address": host, "server.port": port });
}

function hostAndPort(
  url: URL,
  gatewayAddress: string | null,
): { readonly host: string; readonly port: number | null } {
  const port = url.port === "" ? splitAddress(gatewayAddress).port : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
