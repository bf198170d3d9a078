import { compareConnect, type ConnectComparison, type LiveConnect } from "./compare-client.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import { RequestBook, type LiveRequest, type MatchOptions } from "./request-book.ts";
import type { ScriptedConnection } from "../script/script.ts";

/** One recorded connection that a live one may take. Each is taken once, or again only when reuse is allowed. */
interface Part {
  readonly connection: ScriptedConnection;
  /** Who has it; it is only lent until the first request says which recorded connection is really meant. */
  counterpart: Counterpart | null;
}

/** A live connection in a recorded one's part. */
export interface Counterpart {
  readonly connection: ScriptedConnection;
  /** Why the recorded answer to the handshake is not quite the answer to this one; empty when it is. */
  readonly differences: readonly ValueDifference[];
  /** True when the recorded connection was played before. */
  readonly again: boolean;
}

class Taken implements Counterpart {
  part: Part;
  readonly again: boolean;
  differences: readonly ValueDifference[];
  settled: boolean;

  constructor(part: Part, differences: readonly ValueDifference[], again: boolean) {
    this.part = part;
    this.differences = differences;
    this.again = again;
    this.settled = again;
  }

  get connection(): ScriptedConnection {
    return this.part.connection;
  }
}

interface Candidate {
  readonly part: Part;
  readonly comparison: ConnectComparison;
}

/** Decides which recorded connection each live one plays against: by who the client is, then by order. */
export class Counterparts {
  readonly #parts: readonly Part[];
  readonly #options: MatchOptions;
  /** All requests of connections that were looked through; none is ever ticked off. */
  readonly #whole = new Map<ScriptedConnection, RequestBook>();

  constructor(connections: readonly ScriptedConnection[], options: MatchOptions) {
    this.#parts = connections.map((connection) => ({ connection, counterpart: null }));
    this.#options = options;
  }

  /** Recorded connections that nobody has taken yet, in recorded order. */
  get open(): readonly ScriptedConnection[] {
    return this.#openParts().map((part) => part.connection);
  }

  /** Takes a recorded connection that is known to be meant, as when its upgrade was refused. */
  take(
    connection: ScriptedConnection,
    differences: readonly ValueDifference[] = [],
  ): Counterpart | null {
    const part = this.#openParts().find((candidate) => candidate.connection === connection);
    return part === undefined ? null : this.#give(part, differences);
  }

  /** Casts a client by its `connect`: who it is, what it asks for, and then the recorded order. */
  findForConnect(live: LiveConnect): Counterpart | null {
    const open = closest(this.#openParts(), live);
    if (open !== null) return this.#give(open.part, open.comparison.differences);
    const played = this.#options.reuse ? closest(this.#parts, live) : null;
    if (played === null || played.comparison.differences.length > 0) return null;
    return new Taken(played.part, [], true);
  }

  /** Casts a client whose first message is no `connect`. */
  findForStranger(live: LiveRequest): Counterpart | null {
    const part = this.#openParts().find(
      ({ connection }) =>
        live.method !== "connect" && connection.requests[0]?.method === live.method,
    );
    if (part === undefined) return null;
    const match = new RequestBook(part.connection, this.#options).match(live);
    return this.#give(part, match.kind === "differing" ? [match.difference] : []);
  }

  /**
   * Settles a counterpart at its first request: recorded connections of the same client with the same answer to the handshake
   * are told apart only by what was asked on them. What was lent to another moves on to it.
   */
  settle(counterpart: Counterpart, connect: LiveConnect, live: LiveRequest): Counterpart {
    if (!(counterpart instanceof Taken) || counterpart.settled) return counterpart;
    counterpart.settled = true;
    const better = this.#betterPart(counterpart, connect, live);
    if (better === null) return counterpart;
    const [mine, other] = [counterpart.part, better.counterpart];
    mine.counterpart = other;
    if (other instanceof Taken) other.part = mine;
    better.counterpart = counterpart;
    counterpart.part = better;
    return counterpart;
  }

  /** The recorded connection that comes closest, taken or not, to say what was expected. */
  nearest(live: LiveConnect): ScriptedConnection | null {
    return closest(this.#parts, live)?.part.connection ?? null;
  }

  #openParts(): readonly Part[] {
    return this.#parts.filter((part) => part.counterpart === null);
  }

  #give(part: Part, differences: readonly ValueDifference[]): Counterpart {
    const counterpart = new Taken(part, differences, false);
    part.counterpart = counterpart;
    return counterpart;
  }

  #betterPart(counterpart: Taken, connect: LiveConnect, live: LiveRequest): Part | null {
    const mine = this.#rank(counterpart.connection, live);
    if (mine === 0) return null;
    let best: Part | null = null;
    let bestRank = mine;
    for (const part of this.#parts) {
      if (part === counterpart.part || !isOnLoan(part) || !isAlike(counterpart, part, connect))
        continue;
      const partRank = this.#rank(part.connection, live);
      if (partRank < bestRank) [best, bestRank] = [part, partRank];
    }
    return best;
  }

  // 0: the same request stands there; then as many as its params differ; without the method it cannot be meant.
  #rank(connection: ScriptedConnection, live: LiveRequest): number {
    if (!connection.requests.some(({ method }) => method === live.method)) return Infinity;
    let book = this.#whole.get(connection);
    // The order of requests says nothing about whose they are, however strictly it is compared later.
    book ??= new RequestBook(connection, { strict: false, reuse: false });
    this.#whole.set(connection, book);
    return book.match(live).kind === "same" ? 0 : 1;
  }
}

function isOnLoan(part: Part): boolean {
  return (
    part.counterpart === null || (part.counterpart instanceof Taken && !part.counterpart.settled)
  );
}

/** True when the client cannot have noticed which of the two answered its handshake. */
function isAlike(counterpart: Taken, part: Part, connect: LiveConnect): boolean {
  const theirs = compareConnect(part.connection, connect);
  if (JSON.stringify(theirs?.differences) !== JSON.stringify(counterpart.differences)) return false;
  return outcome(counterpart.connection) === outcome(part.connection);
}

function outcome({ traced }: ScriptedConnection): string {
  const { hello, refusal } = traced.handshake;
  return JSON.stringify([hello?.protocol, hello?.auth?.scopes, refusal?.code, refusal?.message]);
}

/** Of the parts whose recorded client is alike the one whose recorded `connect` is nearest. */
function closest(parts: readonly Part[], live: LiveConnect): Candidate | null {
  let best: Candidate | null = null;
  for (const part of parts) {
    const comparison = compareConnect(part.connection, live);
    if (comparison === null) continue;
    const ahead = best === null ? -1 : comparison.distance - best.comparison.distance;
    const light = comparison.lightDifferences - (best?.comparison.lightDifferences ?? 0);
    if (ahead < 0 || (ahead === 0 && light < 0)) best = { part, comparison };
  }
  return best;
}
