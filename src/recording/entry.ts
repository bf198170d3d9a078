import type { LocalityChange } from "../gateway/address.ts";
import type {
  HttpBodyEvent,
  HttpRequestEvent,
  HttpResponseEvent,
  MessageEvent,
  Moment,
  UndecodableEvent,
  WireEvent,
} from "../wire/event.ts";
import type { Side } from "../wire/message.ts";
import type { TextOutline } from "./outlines.ts";

/** Times as of a `Moment`; the wall clock may jump. */
interface EntryTimes extends Moment {
  /** Connections are numbered from 1 in order of arrival; 0 means the recording as a whole. */
  readonly connection: number;
}

interface Redacted {
  /** True when a credential was taken out. Never infer it from the placeholder text, which a peer may send too. */
  readonly redacted: boolean;
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

/** The head of an HTTP request. */
export interface HttpRequestEntry extends EntryTimes, HttpRequestEvent, Redacted {}

/** The head of an HTTP response. */
export interface HttpResponseEntry extends EntryTimes, HttpResponseEvent, Redacted {}

/** The body after the last HTTP head of that side. Only where bodies are recorded. */
export interface HttpBodyEntry extends EntryTimes, HttpBodyEvent, Redacted {}

/** One WebSocket message or control frame. */
export interface MessageEntry extends EntryTimes, MessageEvent, Redacted {
  /** What the index tells of the text. Only where the text was not read with the entry: see `RecordingReader.blocks`. */
  readonly outline?: TextOutline;
}

/** Bytes that could not be understood. */
export interface UndecodableEntry extends EntryTimes, UndecodableEvent {}

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
