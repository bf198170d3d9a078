import { compareConnect, type ConnectComparison, type LiveConnect } from "./compare-connect.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import { RequestBook, type LiveRequest, type MatchOptions } from "./request-book.ts";
import type { ScriptedConnection } from "../script/script.ts";

/** One recorded connection that a live one may take. Each is taken once, or again only when reuse is allowed. */
interface Part {
  readonly connection: ScriptedConnection;
  /** Who has it; it is only lent until the first request says which recorded connection is really meant. */
  cast: Cast | null;
}

/** A live connection in a recorded one's part. */
export interface Cast {
  readonly connection: ScriptedConnection;
  /** Why the recorded answer to the handshake is not quite the answer to this one; empty when it is. */
  readonly differences: readonly ValueDifference[];
  /** True when the recorded connection was played before. */
  readonly again: boolean;
}

class CastState implements Cast {
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
export class Casting {
  readonly #parts: readonly Part[];
  readonly #options: MatchOptions;
  /** All requests of connections that were looked through; none is ever ticked off. */
  readonly #whole = new Map<ScriptedConnection, RequestBook>();

  constructor(connections: readonly ScriptedConnection[], options: MatchOptions) {
    this.#parts = connections.map((connection) => ({ connection, cast: null }));
    this.#options = options;
  }

  /** Recorded connections that nobody has taken yet, in recorded order. */
  get open(): readonly ScriptedConnection[] {
    return this.#openParts().map((part) => part.connection);
  }

  /** Takes a recorded connection that is known to be meant, as when its upgrade was refused. */
  take(connection: ScriptedConnection, differences: readonly ValueDifference[] = []): Cast | null {
    const part = this.#openParts().find((candidate) => candidate.connection === connection);
    return part === undefined ? null : this.#give(part, differences);
  }

  /** Casts a client by its `connect`: who it is, what it asks for, and then the recorded order. */
  castConnect(live: LiveConnect): Cast | null {
    const open = closest(this.#candidates(this.#openParts(), live));
    if (open !== null) return this.#give(open.part, open.comparison.differences);
    const played = this.#options.reuse ? closest(this.#candidates(this.#parts, live)) : null;
    if (played === null || played.comparison.differences.length > 0) return null;
    return new CastState(played.part, [], true);
  }

  /** Casts a client whose first message is no `connect`. */
  castStranger(live: LiveRequest): Cast | null {
    const part = this.#openParts().find(
      ({ connection }) =>
        connection.identity === null && connection.requests[0]?.method === live.method,
    );
    if (part === undefined) return null;
    const match = new RequestBook(part.connection, this.#options).match(live);
    return this.#give(part, match.kind === "differing" ? [match.difference] : []);
  }

  /**
   * Settles a cast at its first request: recorded connections of the same client with the same answer to the handshake
   * are told apart only by what was asked on them. What was lent to another moves on to it.
   */
  settle(cast: Cast, connect: LiveConnect, live: LiveRequest): Cast {
    if (!(cast instanceof CastState) || cast.settled) return cast;
    cast.settled = true;
    const better = this.#betterPart(cast, connect, live);
    if (better === null) return cast;
    const [mine, other] = [cast.part, better.cast];
    mine.cast = other;
    if (other instanceof CastState) other.part = mine;
    better.cast = cast;
    cast.part = better;
    return cast;
  }

  /** The recorded connection that comes closest, taken or not, to say what was expected. */
  nearest(live: LiveConnect): ScriptedConnection | null {
    return closest(this.#candidates(this.#parts, live))?.part.connection ?? null;
  }

  #openParts(): readonly Part[] {
    return this.#parts.filter((part) => part.cast === null);
  }

  #give(part: Part, differences: readonly ValueDifference[]): Cast {
    const cast = new CastState(part, differences, false);
    part.cast = cast;
    return cast;
  }

  #candidates(parts: readonly Part[], live: LiveConnect): readonly Candidate[] {
    return parts.flatMap((part) => {
      const comparison = compareConnect(part.connection, live);
      return comparison === null ? [] : [{ part, comparison }];
    });
  }

  #betterPart(cast: CastState, connect: LiveConnect, live: LiveRequest): Part | null {
    const mine = this.#rank(cast.connection, live);
    if (mine === 0) return null;
    let best: Part | null = null;
    let bestRank = mine;
    for (const part of this.#parts) {
      if (part === cast.part || !isOnLoan(part) || !isAlike(cast, part, connect)) continue;
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
  return part.cast === null || (part.cast instanceof CastState && !part.cast.settled);
}

/** True when the client cannot have noticed which of the two answered its handshake. */
function isAlike(cast: CastState, part: Part, connect: LiveConnect): boolean {
  const theirs = compareConnect(part.connection, connect);
  if (JSON.stringify(theirs?.differences) !== JSON.stringify(cast.differences)) return false;
  return outcome(cast.connection) === outcome(part.connection);
}

function outcome({ requests, protocol, granted }: ScriptedConnection): string {
  const answer = requests[0]?.answer;
  return JSON.stringify([answer?.ok, answer?.errorCode, answer?.errorMessage, protocol, granted]);
}

function closest(candidates: readonly Candidate[]): Candidate | null {
  let best: Candidate | null = null;
  for (const candidate of candidates) {
    if (best === null || isCloser(candidate.comparison, best.comparison)) best = candidate;
  }
  return best;
}

function isCloser(candidate: ConnectComparison, best: ConnectComparison): boolean {
  return (
    candidate.distance < best.distance ||
    (candidate.distance === best.distance && candidate.lightDifferences < best.lightDifferences)
  );
}
