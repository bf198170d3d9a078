import { type ValueDifference, compareValues } from "../../diff/compare-values.ts";
import { RequestBook, type LiveRequest, type MatchOptions } from "./request-book.ts";
import type { ScriptedConnection } from "../script/script.ts";
import { isForwardingHeader } from "../../gateway/address.ts";
import type { ConnectRequest } from "../../gateway/connect.ts";
import { headerValue, type Headers } from "../../wire/message.ts";

/** One recorded connection that a live one may take. Each is taken once, or again only when reuse is allowed. */
interface Part {
  readonly connection: ScriptedConnection;
  /** Who has it; it is only lent until the first request says which recorded connection is really meant. */
  counterpart: Counterpart | null;
}

/** A live connection in a recorded one's part. */
export class Counterpart {
  /** Why the recorded answer to the handshake is not quite the answer to this one; empty when it is. */
  readonly differences: readonly ValueDifference[];
  /** True when the recorded connection was played before. */
  readonly again: boolean;
  part: Part;
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
    return new Counterpart(played.part, [], true);
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
  settle(counterpart: Counterpart, connect: LiveConnect, live: LiveRequest): void {
    if (counterpart.settled) return;
    counterpart.settled = true;
    const better = this.#betterPart(counterpart, connect, live);
    if (better === null) return;
    const [mine, other] = [counterpart.part, better.counterpart];
    mine.counterpart = other;
    if (other !== null) other.part = mine;
    better.counterpart = counterpart;
    counterpart.part = better;
  }

  /** The recorded connection that comes closest, taken or not, to say what was expected. */
  nearest(live: LiveConnect): ScriptedConnection | null {
    return closest(this.#parts, live)?.part.connection ?? null;
  }

  #openParts(): readonly Part[] {
    return this.#parts.filter((part) => part.counterpart === null);
  }

  #give(part: Part, differences: readonly ValueDifference[]): Counterpart {
    const counterpart = new Counterpart(part, differences, false);
    part.counterpart = counterpart;
    return counterpart;
  }

  #betterPart(counterpart: Counterpart, connect: LiveConnect, live: LiveRequest): Part | null {
    const mine = this.#rank(counterpart.connection, live);
    if (mine === 0) return null;
    let best: Part | null = null;
    let bestRank = mine;
    for (const part of this.#parts) {
      if (
        part === counterpart.part ||
        part.counterpart?.settled === true ||
        !isAlike(counterpart, part, connect)
      )
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

/** True when the client cannot have noticed which of the two answered its handshake. */
function isAlike(counterpart: Counterpart, part: Part, connect: LiveConnect): boolean {
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

/** The head of an upgrade. */
export interface UpgradeHead {
  readonly target: string;
  readonly headers: Headers;
}

/**
 * Finds the recorded connection whose upgrade was refused, dropped, or ended before any client could speak, when it is its
 * turn: who the client is cannot be known yet, so only what the upgrade looks like and the recorded order count.
 * `arriving` live connections have not said who they are; each will take one that did get to speak.
 */
export function findEarlyEnding(
  open: readonly ScriptedConnection[],
  live: UpgradeHead,
  arriving: number,
): ScriptedConnection | null {
  const alike = open.filter(
    ({ upgrade }) => upgrade !== null && shapeOf(upgrade) === shapeOf(live),
  );
  // A client that forwards nobody is never told what one was told that does.
  const others = open.filter(({ upgrade }) => isForwarded(upgrade) === isForwarded(live));
  const candidates = alike.length > 0 ? alike : others;
  let ahead = arriving;
  for (const connection of candidates) {
    if (endsEarly(connection)) return connection;
    if (ahead === 0) return null;
    ahead -= 1;
  }
  return null;
}

/**
 * Finds how a recorded client was refused for forwarding somebody: the peer is no trusted proxy then, and every other client
 * that forwards is refused like it. Null when the live one forwards nobody, or none was refused.
 */
export function findForwardingRefusal(
  connections: readonly ScriptedConnection[],
  live: UpgradeHead,
): ScriptedConnection | null {
  const forwarded = connections.filter(({ upgrade }) => upgrade !== null && isForwarded(upgrade));
  if (!isForwarded(live) || !forwarded.every(({ refusal }) => refusal?.status === 403)) return null;
  return forwarded[0] ?? null;
}

/** Whether two upgrades look alike to a Gateway that decides by them: path, Origin, forwarding and credential headers. */
export function isSameUpgrade(recorded: UpgradeHead, live: UpgradeHead): boolean {
  return shapeOf(recorded) === shapeOf(live);
}

/** True when a client never spoke and the Gateway ended the connection at once. */
function endsEarly({ opening, challenge, requests, actions }: ScriptedConnection): boolean {
  if (opening !== "accepted") return true;
  return challenge === null && requests.length === 0 && actions.length > 0;
}

function shapeOf({ target, headers }: UpgradeHead): string {
  const forwarding = headers
    .map(([name]) => name.toLowerCase())
    .filter(isForwardingHeader)
    .toSorted();
  return JSON.stringify([
    target.split("?")[0],
    headerValue(headers, "origin") !== null,
    headerValue(headers, "authorization") !== null,
    forwarding,
  ]);
}

/** The Origin header of an upgrade; null when there is none. */
export function originOf(upgrade: UpgradeHead | null): string | null {
  return headerValue(upgrade?.headers ?? [], "origin");
}

/** True when an upgrade says that it forwards somebody. */
export function isForwarded(upgrade: UpgradeHead | null): boolean {
  return (upgrade?.headers ?? []).some(([name]) => isForwardingHeader(name));
}

/** How well a live `connect` fits a recorded connection. */
export interface ConnectComparison {
  /** What differs in who the client is and what it asks for; empty when the recorded answer is the answer. */
  readonly differences: readonly ValueDifference[];
  /** The sum of what differs, weighted by how much it says about who the client is. */
  readonly distance: number;
  /** What differs in all that was sent, such as display name, version and device id. Breaks ties. */
  readonly lightDifferences: number;
}

/** A live `connect`: what it says, and all that was sent. */
export interface LiveConnect {
  readonly identity: ConnectRequest;
  readonly params: unknown;
}

type Field = readonly [path: string, weight: number, read: (connect: ConnectRequest) => unknown];

// Who the client is weighs more than what it asks for: a fixed client asks for other scopes, yet it is the same client.
const FIELDS: readonly Field[] = [
  ["connect.client.id", 16, ({ client }) => client.id],
  ["connect.client.mode", 8, ({ client }) => client.mode],
  ["connect.role", 16, ({ role }) => role],
  ["connect.scopes", 4, ({ scopes }) => scopes?.toSorted() ?? null],
  ["connect.device", 2, ({ device }) => (device === null ? null : "present")],
  ["connect.auth", 1, ({ authKinds }) => authKinds],
];

/** Compares a live `connect` with the recorded one of a connection; null when nothing recorded was a `connect`. */
export function compareConnect(
  recorded: ScriptedConnection,
  live: LiveConnect,
): ConnectComparison | null {
  const { connect } = recorded.traced.handshake;
  const [first] = recorded.requests;
  if (connect === null || first?.method !== "connect") return null;
  let distance = 0;
  const differences: ValueDifference[] = [];
  for (const [path, weight, read] of FIELDS) {
    const [theirs, ours] = [JSON.stringify(read(connect)), JSON.stringify(read(live.identity))];
    if (theirs === ours) continue;
    distance += weight;
    differences.push({ path, recorded: theirs, live: ours });
  }
  const range = compareProtocol(recorded, connect, live.identity);
  if (range !== null) {
    distance += 1;
    differences.push(range);
  }
  const whole = compareValues(first.params, live.params, "connect", first.redacted);
  return { differences, distance, lightDifferences: whole.differences };
}

/** Another range of protocols matters only where the recorded answer would not be the answer to it. */
function compareProtocol(
  recorded: ScriptedConnection,
  theirs: ConnectRequest,
  ours: ConnectRequest,
): ValueDifference | null {
  const answered = recorded.traced.handshake.hello?.protocol ?? null;
  const [min, max] = [ours.minProtocol ?? 0, ours.maxProtocol ?? Infinity];
  // 2026.9.6 takes 3..3 from probes and nodes and then speaks 4: the same range is the same request.
  if (rangeOf(theirs) === rangeOf(ours)) return null;
  if (answered !== null && min <= answered && answered <= max) return null;
  return {
    path: "connect.maxProtocol",
    recorded: answered === null ? rangeOf(theirs) : String(answered),
    live: rangeOf(ours),
  };
}

function rangeOf({ minProtocol, maxProtocol }: ConnectRequest): string {
  return `${minProtocol ?? "?"}..${maxProtocol ?? "?"}`;
}
