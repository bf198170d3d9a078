import { readFacts, readFrameOf, type SubjectReader } from "../../filter/subject.ts";
import type { Subject } from "../../filter/fields.ts";
import { isAcceptance, type ParsedFrame } from "../../gateway/frame.ts";

import type { Entry } from "../../recording/entry.ts";
import { lookOf, type FrameRow, type RowLook } from "./frame-row.ts";

/** What the frames list may ask about entries: everything here is answered at once, without reading the file. */
export interface FrameSource {
  /** The line of that entry. Numbers that a damaged file lost give a line of type `lost`. */
  row(entry: number): FrameRow;
  /** The connection of that entry; 0 for the recording as a whole. */
  connectionOf(entry: number): number;
  isProblem(entry: number): boolean;
  /** Every look that a line has. */
  readonly looks: readonly RowLook[];
}

const LOST: RowLook = {
  type: "lost",
  from: null,
  what: "",
  result: "",
  problem: true,
  facts: { type: "unreadable", from: "client", conn: 0, method: null, event: null, id: null, ok: null, code: [], scope: [], sizeBytes: 0, latencyMs: null, text: () => "" },
}; // prettier-ignore

/** Numbers about an entry, and where they stand. */
const WIDTH = 4;
const AT_MS = 0;
/** In bytes, and one more. */
const SIZE = 1;
/** Counted from 1. */
const LOOK = 2;
/** Of a request or a response the other one; of an event its number, and one more. */
const LINK = 3;

/** All entries of a recording as lines, without their bodies. It only grows: what is known of an entry stays, save its pair. */
export class FrameIndex implements FrameSource {
  count = 0;
  /** How many entries the recorder itself reports as not written. */
  dropped = 0;
  /** How many entries carry the mark of a problem. */
  problems = 0;
  readonly looks: RowLook[] = [];
  // Four numbers an entry, as below; 0 says nothing.
  private cells = new Float64Array(WIDTH * 1024);
  private readonly known = new Map<string, number>();
  private readonly openRequests = new Map<string, number>();
  private readonly lastSeq = new Map<number, number>();
  /** By the entry of an event, the number of the one before it, where some are missing between them. */
  private readonly gaps = new Map<number, number>();

  /** Takes in the next entry, with its frame where that is known. Feed entries in recorded order. */
  add(entry: Entry, parsed: ParsedFrame | undefined = readFrameOf(entry)): void {
    const at = entry.entry;
    this.reserve(at);
    const facts = readFacts(entry, parsed);
    let look = lookOf(entry, parsed, facts);
    if (facts.type === "req") this.openRequests.set(`${facts.conn} ${facts.id}`, at);
    if (facts.type === "res") {
      const method = this.pairUp(at, `${facts.conn} ${facts.id}`, parsed);
      look = { ...look, what: method ?? "", facts: { ...look.facts, method } };
    }
    const seq = parsed?.ok === true && parsed.frame.type === "event" ? parsed.frame.seq : null;
    if (seq !== null && this.leavesGap(at, facts.conn, seq)) look = { ...look, problem: true };
    this.set(at, AT_MS, entry.atMs);
    if ("sizeBytes" in entry || entry.kind === "gap") this.set(at, SIZE, facts.sizeBytes + 1);
    this.set(at, LOOK, this.intern(look));
    if (look.problem) this.problems++;
    if (entry.kind === "gap") this.dropped += entry.missingEntries;
    this.count = at;
  }

  row(entry: number): FrameRow {
    const { type, from, what, problem, facts, result } = this.look(entry);
    const link = this.get(entry, LINK);
    const atMs = this.get(entry, AT_MS);
    const size = this.get(entry, SIZE);
    const pair = type === "evt" || link === 0 ? null : link;
    return {
      entry,
      atMs,
      connection: facts.conn,
      type,
      from,
      what,
      sizeBytes: size === 0 ? null : size - 1,
      latencyMs: type === "res" && pair !== null ? atMs - this.get(pair, AT_MS) : null,
      result: type === "evt" && link !== 0 ? this.nameSeq(entry, link - 1) : result,
      problem,
      pair,
      facts,
    };
  }

  connectionOf(entry: number): number {
    return this.look(entry).facts.conn;
  }

  isProblem(entry: number): boolean {
    return this.look(entry).problem;
  }

  private look(entry: number): RowLook {
    return this.looks[this.get(entry, LOOK) - 1] ?? LOST;
  }

  private get(entry: number, column: number): number {
    return this.cells[entry * WIDTH + column] ?? 0;
  }

  private set(entry: number, column: number, value: number): void {
    this.cells[entry * WIDTH + column] = value;
  }

  private reserve(entry: number): void {
    const wanted = (entry + 1) * WIDTH;
    if (wanted <= this.cells.length) return;
    const larger = new Float64Array(Math.max(wanted, this.cells.length * 2));
    larger.set(this.cells);
    this.cells = larger;
  }

  private leavesGap(at: number, connection: number, seq: number): boolean {
    const last = this.lastSeq.get(connection);
    this.lastSeq.set(connection, seq);
    this.set(at, LINK, seq + 1);
    if (last === undefined || seq <= last + 1) return false;
    this.gaps.set(at, last);
    return true;
  }

  private nameSeq(entry: number, seq: number): string {
    const last = this.gaps.get(entry);
    return last === undefined ? `seq ${seq}` : `gap ${last}>${seq}`;
  }

  private intern(look: RowLook): number {
    const key = keyOf(look);
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.looks.push(look);
      this.known.set(key, number);
    }
    return number;
  }

  // The method that an answer answers. Of two answers the request leads to the first, which leads back.
  private pairUp(at: number, key: string, parsed: ParsedFrame | undefined): string | null {
    const request = this.openRequests.get(key);
    if (request === undefined) return null;
    const isFinal = parsed?.ok !== true || parsed.frame.type !== "res" || !isAcceptance(parsed.frame.payload);
    if (isFinal) this.openRequests.delete(key);
    this.set(at, LINK, request);
    if (this.get(request, LINK) === 0) this.set(request, LINK, at);
    return this.look(request).facts.method;
  } // prettier-ignore
}

// Different for different looks: what a peer may write stands with its length.
function keyOf({ type, from, what, result, problem, facts }: RowLook): string {
  const { conn, ok, method, code, scope } = facts;
  const rare = code.length + scope.length === 0 ? "" : JSON.stringify([code, scope]);
  return `${conn} ${type} ${from} ${problem} ${ok} ${what.length} ${what} ${method === what} ${result.length} ${result} ${rare}`;
}

/** What a filter can ask of a line; of its id and text only with its entry, which alone knows them. */
export function subjectOf(subjects: SubjectReader, row: FrameRow, entry?: Entry): Subject {
  const { facts, sizeBytes, latencyMs } = row;
  const { id, text } = entry === undefined ? facts : readFacts(entry);
  const { method } = facts;
  return subjects.complete(row.entry, facts, { id, text, method, latencyMs, sizeBytes: sizeBytes ?? 0 }); // prettier-ignore
}
