import { SubjectReader } from "../../filter/subject.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Entry } from "../../recording/entry.ts";
import type { Connection, Rpc, Trace } from "../../trace/model.ts";
import { renderDuration } from "../quantity.ts";
import { isFailed } from "../rpc-result.ts";
import { chooseConnections } from "../choose-connections.ts";
import type { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { chooseEvidence, shareFairly } from "./choose.ts";
import type { Room } from "./json.ts";
import { html, type Markup } from "./markup.ts";
import { renderStep } from "./step.ts";

/** Silences from here on are said. */
const PAUSE_MS = 1000;

interface Rungs {
  readonly connection: Connection | null;
  readonly steps: Markup[];
  omitted: number;
  lastMs: number | null;
  share: number;
}

/**
 * Draws the ladders of one recording, entry by entry, so that a huge recording is never in memory. Entries that prove findings, refusals, ends
 * and gaps come first; what is left of the page's room is shared among the connections; the rest is counted where it is missing.
 */
export class Ladders {
  readonly #trace: Trace;
  readonly #anchors: Anchors;
  readonly #subjects: SubjectReader;
  readonly #rungs = new Map<number, Rungs>();
  readonly #rpcs = new Map<number, Rpc>();
  readonly #evidence: ReadonlySet<number>;
  readonly #evidenceRoom: Room = { left: BOUNDS.frameCharacters };
  readonly #otherRoom: Room = { left: BOUNDS.frameCharacters };
  #notableLeft: number = BOUNDS.notableFrames;

  constructor(trace: Trace, findings: readonly Finding[], anchors: Anchors) {
    this.#trace = trace;
    this.#anchors = anchors;
    this.#evidence = chooseEvidence(trace.recording.name, findings);
    const all = chooseConnections(trace, findings, BOUNDS.connections);
    const wants = new Map(all.map(({ id, messageCount }) => [id, messageCount]));
    const shares = shareFairly(wants, BOUNDS.otherFrames);
    const told = all.map((connection) => this.#withDrawable(connection, shares));
    this.#subjects = new SubjectReader({ ...trace, connections: told }, findings);
    for (const connection of [null, ...told]) {
      const id = connection?.id ?? 0;
      const share = shares.get(id) ?? 0;
      this.#rungs.set(id, { connection, steps: [], omitted: 0, lastMs: null, share });
    }
    for (const rpc of told.flatMap(({ rpcs }) => rpcs))
      for (const entry of entriesOf(rpc)) this.#rpcs.set(entry, rpc);
  }

  /** Takes in the next entry. Feed all of them in recorded order. */
  add(entry: Entry): void {
    const rungs = this.#rungs.get(entry.connection);
    if (rungs === undefined) return;
    if (!this.#isWanted(entry, rungs)) {
      rungs.omitted += 1;
      return;
    }
    this.#flush(rungs);
    const pauseMs = rungs.lastMs === null ? 0 : entry.atMs - rungs.lastMs;
    if (pauseMs >= PAUSE_MS)
      rungs.steps.push(html`<li class="pause">${renderDuration(pauseMs)} later</li>`);
    rungs.lastMs = entry.atMs;
    const id = this.#anchors.entry(this.#trace.recording.name, entry.entry);
    this.#anchors.add(id);
    const step = {
      id,
      entry,
      subject: this.#subjects.read(entry),
      rpc: this.#rpcs.get(entry.entry) ?? null,
      connection: rungs.connection,
    };
    const room = this.#evidence.has(entry.entry) ? this.#evidenceRoom : this.#otherRoom;
    rungs.steps.push(renderStep(step, room));
  }

  /** The steps of a connection so far; of the recording as a whole for connection 0. Null when it has no ladder. */
  steps(connection: number): readonly Markup[] | null {
    const rungs = this.#rungs.get(connection);
    if (rungs === undefined) return null;
    this.#flush(rungs);
    return rungs.steps;
  }

  // Only the calls that can come onto the page: the lookups for all of a million would be most of the memory.
  #withDrawable(connection: Connection, shares: ReadonlyMap<number, number>): Connection {
    const share = shares.get(connection.id) ?? 0;
    const rpcs = connection.rpcs.filter(
      (rpc, index) =>
        index < share || isFailed(rpc) || entriesOf(rpc).some((entry) => this.#evidence.has(entry)),
    );
    return { ...connection, rpcs };
  }

  #isWanted({ entry, kind, ...rest }: Entry, rungs: Rungs): boolean {
    if (this.#evidence.has(entry)) return true;
    const { connection } = rungs;
    const rpc = this.#rpcs.get(entry);
    const isNotable =
      kind !== "message" ||
      ("message" in rest && rest.message.type === "close") ||
      (rpc !== undefined && isFailed(rpc)) ||
      entry === connection?.handshake.connectEntry ||
      entry === connection?.handshake.answerEntry;
    if (isNotable && this.#notableLeft > 0) {
      this.#notableLeft -= 1;
      return true;
    }
    rungs.share -= 1;
    return rungs.share >= 0;
  }

  #flush(rungs: Rungs): void {
    if (rungs.omitted === 0) return;
    const noun = rungs.omitted === 1 ? "entry" : "entries";
    rungs.steps.push(
      html`<li class="left-out">
        ${rungs.omitted.toLocaleString("en-US")} more ${noun} not shown on this page
      </li>`,
    );
    rungs.omitted = 0;
  }
}

function entriesOf({ requestEntry, responseEntry, final }: Rpc): readonly number[] {
  return [requestEntry, responseEntry, final?.responseEntry ?? null].filter(
    (entry) => entry !== null,
  );
}
