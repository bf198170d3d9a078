import type { LocalityChange } from "../gateway/address.ts";
import type { WireEvent } from "../wire/event.ts";
import type { BodyContent, Headers, Message, Side } from "../wire/message.ts";
import type { TextOutline } from "./outlines.ts";

interface EntryTimes {
  /** Milliseconds since the recording began, from a monotonic clock, with fractions. */
  readonly atMs: number;
  /** Milliseconds since the Unix epoch, from the wall clock: it may jump. */
  readonly wallMs: number;
  /** Connections are numbered from 1 in order of arrival; 0 means the recording as a whole. */
  readonly connection: number;
}

/** A TCP connection came in. Addresses are `host:port`. */
export interface OpenedEntry extends EntryTimes {
  readonly kind: "opened";
  /** Where the client connected from, as the tap saw it. */
  readonly clientAddress: string | null;
  /** What the Gateway sees as its peer: the tap's own outgoing address. Null when no Gateway was reached. */
  readonly peerAddress: string | null;
  /** The Gateway's address on that connection. */
  readonly gatewayAddress: string | null;
}

/** The head of an HTTP request: the WebSocket upgrade, or a plain call on the same port. */
export interface HttpRequestEntry extends EntryTimes {
  readonly kind: "http-request";
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  /** True when a credential was taken out. Never infer it from the placeholder text, which a peer may send too. */
  readonly redacted: boolean;
}

/** The head of an HTTP response. Status 101 means that the WebSocket begins. */
export interface HttpResponseEntry extends EntryTimes {
  readonly kind: "http-response";
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly redacted: boolean;
}

/** The body after the last HTTP head of that side, when it was over. Only where bodies are recorded. */
export interface HttpBodyEntry extends EntryTimes {
  readonly kind: "http-body";
  readonly from: Side;
  /** Null when it was not kept; `omitted` says why. */
  readonly content: BodyContent | null;
  readonly omitted: string | null;
  /** Its size on the wire, before content codings were undone and credentials taken out. */
  readonly sizeBytes: number;
  readonly redacted: boolean;
}

/** One WebSocket message or control frame. */
export interface MessageEntry extends EntryTimes {
  readonly kind: "message";
  readonly from: Side;
  readonly message: Message;
  /** The size of the payload as it crossed the wire decoded, before any redaction. */
  readonly sizeBytes: number;
  readonly redacted: boolean;
  /** What the index tells of the text. Only where the text was not read with the entry: see `RecordingReader.blocks`. */
  readonly outline?: TextOutline;
}

/** Bytes that could not be understood. The rest of that side of the connection is opaque. */
export interface UndecodableEntry extends EntryTimes {
  readonly kind: "undecodable";
  readonly from: Side;
  readonly reason: string;
  /** How many bytes this entry stands for, as far as known when it was written. */
  readonly sizeBytes: number;
  /** The first bytes, for evidence; empty in a redacted recording, since they may hold a credential. */
  readonly bytes: Uint8Array;
}

/** The TCP connection ended. */
export interface ClosedEntry extends EntryTimes {
  readonly kind: "closed";
  /** Who ended it first; `tap` when gw-trace itself did (it was stopped, or the Gateway could not be reached). */
  readonly by: Side | "tap";
  readonly how: "fin" | "reset" | "unreachable" | "stopped";
  /** The system's error code, such as `ECONNREFUSED`, where there was one. */
  readonly error: string | null;
}

/** The recorder was blind for a while: traffic flowed on, but was not written. */
export interface GapEntry extends EntryTimes {
  readonly kind: "gap";
  readonly reason: string;
  /** How many entries were not written, as far as they could be counted. */
  readonly missingEntries: number;
  readonly missingBytes: number;
  /** When the blindness ended, in the terms of `atMs`. `atMs` is when it began. */
  readonly untilMs: number;
}

/** One record to be written: what happened, without a number yet. */
export type NewEntry =
  | OpenedEntry
  | HttpRequestEntry
  | HttpResponseEntry
  | HttpBodyEntry
  | MessageEntry
  | UndecodableEntry
  | ClosedEntry
  | GapEntry;

/** One record of a recording. `entry` counts from 1 without holes, so it also tells what a damaged file lost. */
export type Entry = NewEntry & { readonly entry: number };

/** What is taken out before anything reaches the disk. */
export type RedactionPolicy = "credentials" | "off";

/** Who wrote a recording. */
export type RecordingSource = "tap" | "replayed-gateway" | "replayed-client" | "import";

/** How much `gw-trace scrub` took out: credentials; identifiers of people and things too; or all content as well. */
export type ScrubLevel = "credentials" | "identifiers" | "content";

/** The first thing in the file: how, when and where the recording was made. */
export interface RecordingHeader {
  readonly formatVersion: number;
  readonly toolVersion: string;
  readonly source: RecordingSource;
  /** Wall clock at `atMs` 0, ISO 8601 in UTC. */
  readonly startedAt: string;
  /** The Gateway's URL as given by the user. */
  readonly upstream: string | null;
  /** `host:port` on which clients were received. */
  readonly listen: string | null;
  readonly redaction: RedactionPolicy;
  /** The names of the recordings that were played, when this one was made by a replay. */
  readonly replayOf: readonly string[];
  /**
   * The host that the Gateway is to be taken to see as its peer, when it is not the one of the sockets: a replayed Gateway
   * decides as the recorded one did, which judged clients by the peer it saw. Null when the sockets tell the truth.
   */
  readonly assumedPeer: string | null;
  /** How the tap that recorded this changed what the Gateway takes clients for; null when it changed nothing. */
  readonly localityChange: LocalityChange | null;
  /** Which of the numbered files of a flight recorder this is; null for a recording that is one file. Times count from the first. */
  readonly part: number | null;
  /** What was taken out when this was made from another recording to be shared; null when it is as it was recorded. */
  readonly scrubbed: ScrubLevel | null;
}

/** What the maker of a recording says about it; the writer adds the two versions. */
export type NewRecordingHeader = Omit<
  RecordingHeader,
  "formatVersion" | "toolVersion" | "localityChange" | "part" | "scrubbed"
> &
  Partial<Pick<RecordingHeader, "localityChange" | "part" | "scrubbed">>;

/** What the decoder of a connection says, as an entry: as it crossed the wire, nothing taken out yet. */
export function toEntry(connection: number, event: WireEvent): NewEntry {
  if (event.kind === "message") {
    // Field by field, as there are so many of these.
    const { kind, atMs, wallMs, from, message, sizeBytes } = event;
    return { kind, atMs, wallMs, connection, from, message, sizeBytes, redacted: false };
  }
  return event.kind === "undecodable"
    ? { ...event, connection }
    : { ...event, connection, redacted: false };
}
