import { createHash } from "node:crypto";
import type { TraceParent } from "../../gateway/frame.ts";
import type { RecordingHeader } from "../../recording/entry.ts";
import type { Connection, Rpc } from "../../trace/model.ts";

/** Where spans come from: the recording's name, and what its header says. */
export interface OtlpOrigin {
  readonly name: string;
  readonly header: Pick<RecordingHeader, "startedAt" | "upstream">;
}

/** The times of the Unix epoch at which a recording's times lie. */
export function toUnixMs({ header }: OtlpOrigin, atMs: number): number {
  const startedMs = Date.parse(header.startedAt);
  return (Number.isNaN(startedMs) ? 0 : startedMs) + atMs;
}

type Opened = Pick<Connection, "id" | "openedMs" | "clientAddress" | "peerAddress">;

/**
 * The trace of a connection. Made from what is in the recording and nothing else, so that the same recording leads to the same
 * ids, pushed live or exported later, and a backend that gets both can tell.
 */
export function traceIdOf({ header }: OtlpOrigin, opened: Opened): string {
  const { id, openedMs, clientAddress, peerAddress } = opened;
  return hash(32, header.startedAt, id, microseconds(openedMs), clientAddress, peerAddress);
}

/** The span of a connection as a whole, the root of its trace. */
export function rootSpanIdOf(traceId: string): string {
  return hash(16, traceId, "connection");
}

/** The span of the handshake. */
export function handshakeSpanIdOf(traceId: string): string {
  return hash(16, traceId, "handshake");
}

/** The span of a call. Its time is part of it, since a client may use an id again. */
export function rpcSpanIdOf(traceId: string, { id, startMs }: Pick<Rpc, "id" | "startMs">): string {
  return hash(16, traceId, "rpc", id, microseconds(startMs));
}

/** The span of a plain HTTP call, by when it began and which of its connection's it is. */
export function httpSpanIdOf(traceId: string, startMs: number, index: number): string {
  return hash(16, traceId, "http", microseconds(startMs), index);
}

/**
 * The trace that a call joins: the Gateway makes its own spans children of the `traceparent`, so the call becomes one as well,
 * beside them. A caller that samples nothing sends no spans of that trace, so the call stays in its connection's.
 */
export function joinedTrace({ traceparent }: Pick<Rpc, "traceparent">): TraceParent | null {
  return traceparent?.sampled === true ? traceparent : null;
}

function hash(characters: number, ...parts: readonly (string | number | null)[]): string {
  const digest = createHash("sha256").update(JSON.stringify(["gw-trace", ...parts]));
  return digest.digest("hex").slice(0, characters);
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}
