import type { ParsedFrame } from "../../gateway/frame.ts";
import type { Entry } from "../../recording/entry.ts";
import type { Side } from "../../wire/message.ts";
import { Columns, Interner, Outcomes } from "./columns.ts";
import { readFrameFacts, type FrameFacts } from "./frame-facts.ts";
import { ROW_TYPES, type FrameRow } from "./frame-row.ts";

const PROBLEM = 1;
const FROM_CLIENT = 2;
const FROM_GATEWAY = 4;
const OK = 8;
const NOT_OK = 16;
const HAS_SIZE = 32;
const HAS_SEQ = 64;

/** What the frames list may ask about entries: everything here is answered at once, without reading the file. */
export interface FrameSource {
  /** The line of that entry. Numbers that a damaged file lost give a line of type `lost`. */
  row(entry: number): FrameRow;
  /** The connection of that entry; 0 for the recording as a whole. */
  connectionOf(entry: number): number;
  isProblem(entry: number): boolean;
}

/** All entries of a recording as lines, without their bodies. It only grows: what is known of an entry stays, save its pair. */
export class FrameIndex implements FrameSource {
  count = 0;
  /** How many entries the recorder itself reports as not written. */
  dropped = 0;
  /** How many entries carry the mark of a problem. */
  problems = 0;
  private readonly columns = new Columns();
  private readonly texts = new Interner();
  private readonly outcomes = new Outcomes();
  private readonly openRequests = new Map<string, number>();
  private readonly lastSeq = new Map<number, number>();

  /** Takes in the next entry, with its frame where that is known. Feed entries in recorded order. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    const { columns } = this;
    const slot = entry.entry - 1;
    columns.reserve(slot);
    const facts = this.follow(entry, readFrameFacts(entry, parsed));
    columns.atMs[slot] = entry.atMs;
    columns.connection[slot] = entry.connection;
    columns.type[slot] = ROW_TYPES.indexOf(facts.type);
    columns.method[slot] = this.texts.intern(facts.method);
    columns.outcome[slot] = this.outcomes.intern(facts);
    columns.sizeBytes[slot] = facts.sizeBytes ?? 0;
    if (facts.seq !== null) columns.link[slot] = facts.seq;
    columns.flags[slot] = packFlags(facts, sideOf(entry));
    if (facts.problem) this.problems++;
    if (entry.kind === "gap") this.dropped += entry.missingEntries;
    this.count = entry.entry;
  }

  row(entry: number): FrameRow {
    const { columns, texts } = this;
    const slot = entry - 1;
    const flags = columns.flags[slot] ?? 0;
    const link = columns.link[slot] ?? 0;
    const pair = flags & HAS_SEQ ? 0 : link;
    const type = ROW_TYPES[columns.type[slot] ?? 0] ?? "lost";
    const atMs = columns.atMs[slot] ?? 0;
    const { result, codes } = this.outcomes.outcome(columns.outcome[slot] ?? 0);
    return {
      entry,
      atMs,
      connection: columns.connection[slot] ?? 0,
      from: flags & FROM_CLIENT ? "client" : flags & FROM_GATEWAY ? "gateway" : null,
      type,
      method: texts.text(columns.method[slot] ?? 0),
      sizeBytes: flags & HAS_SIZE ? (columns.sizeBytes[slot] ?? 0) : null,
      latencyMs: type === "res" && pair !== 0 ? atMs - (columns.atMs[pair - 1] ?? 0) : null,
      result: result === "" && flags & HAS_SEQ ? `seq ${link}` : result,
      codes,
      ok: flags & OK ? true : flags & NOT_OK ? false : null,
      problem: type === "lost" || (flags & PROBLEM) !== 0,
      pair: pair === 0 ? null : pair,
    };
  }

  connectionOf(entry: number): number {
    return this.columns.connection[entry - 1] ?? 0;
  }

  isProblem(entry: number): boolean {
    return ((this.columns.flags[entry - 1] ?? 0) & PROBLEM) !== 0;
  }

  // What an entry means beside those before it: a response belongs to a request, an event follows the one before.
  private follow(entry: Entry, facts: FrameFacts): FrameFacts {
    if (facts.type === "req") this.openRequests.set(`${entry.connection} ${facts.id}`, entry.entry);
    if (facts.type === "res") return this.pairUp(entry, facts);
    if (facts.seq !== null) return this.checkSeq(entry.connection, facts, facts.seq);
    return facts;
  }

  private pairUp(entry: Entry, facts: FrameFacts): FrameFacts {
    const key = `${entry.connection} ${facts.id}`;
    const request = this.openRequests.get(key);
    if (request === undefined) return facts;
    if (!facts.accepted) this.openRequests.delete(key);
    this.columns.link[entry.entry - 1] = request;
    // Of two answers the request leads to the first, which leads back.
    if (this.columns.link[request - 1] === 0) this.columns.link[request - 1] = entry.entry;
    return { ...facts, method: this.texts.text(this.columns.method[request - 1] ?? 0) };
  }

  private checkSeq(connection: number, facts: FrameFacts, seq: number): FrameFacts {
    const last = this.lastSeq.get(connection);
    this.lastSeq.set(connection, seq);
    if (last === undefined || seq <= last + 1) return facts;
    return { ...facts, result: `gap ${last}>${seq}`, problem: true };
  }
}

function packFlags(facts: FrameFacts, from: Side | null): number {
  return (
    (facts.problem ? PROBLEM : 0) |
    (from === "client" ? FROM_CLIENT : from === "gateway" ? FROM_GATEWAY : 0) |
    (facts.ok === null ? 0 : facts.ok ? OK : NOT_OK) |
    (facts.sizeBytes === null ? 0 : HAS_SIZE) |
    (facts.seq === null ? 0 : HAS_SEQ)
  );
}

function sideOf(entry: Entry): Side | null {
  switch (entry.kind) {
    case "message":
    case "undecodable":
    case "http-body":
      return entry.from;
    case "http-request":
      return "client";
    case "http-response":
      return "gateway";
    case "closed":
      return entry.by === "tap" ? null : entry.by;
    case "opened":
    case "gap":
      return null;
  }
}
