import { isLoopbackAddress } from "../gateway/address.ts";
import {
  parseFrame,
  type EventFrame,
  type ParsedFrame,
  type RequestFrame,
  type ResponseFrame,
} from "../gateway/frame.ts";
import type { Profile } from "../gateway/profile.ts";
import { amendRules, rulesFor, type Amendment, type Rules } from "../gateway/rules.ts";
import type { ClosedEntry, Entry, MessageEntry } from "../recording/entry.ts";
import { type TextOutline, readOutlinedFrame } from "../recording/outlines.ts";
import type { Connection, Handshake, StrayResponse, Unreadable, EventCount } from "./model.ts";
import { CallBook, type CallLimits } from "./calls.ts";
import { ConnectionGaps, GapLog, mayMissAfter, mayMissBefore } from "./gaps.ts";
import { HandshakeBuilder } from "./handshake.ts";
import { HttpBuilder } from "./http.ts";
import { OddityWatch } from "./oddities.ts";
import { doParamsMatter, needOfParams, buildScopeSets, type ScopeEvidence } from "./scopes.ts";
import { testify } from "./witness.ts";

type Numbered<T> = T & { readonly entry: number };

/** How a trace is made. */
export interface TraceLimits extends CallLimits {
  /** What counts for the versions that these profiles are of. */
  readonly profiles?: readonly Profile[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the entries of one connection, one after the other, into what they mean. Feed it in recorded order. */
export class ConnectionBuilder {
  private readonly facts: Mutable<
    Pick<
      Connection,
      | "id"
      | "openedEntry"
      | "openedMs"
      | "clientAddress"
      | "peerAddress"
      | "gatewayAddress"
      | "close"
      | "messageCount"
    >
  >;
  private readonly assumedPeer: string | null;
  private readonly http = new HttpBuilder();
  private readonly greeting = new HandshakeBuilder();
  private readonly handshake: Handshake = this.greeting.found;
  private readonly calls: CallBook;
  private readonly events = new Map<string, Mutable<EventCount>>();
  private readonly unreadable: Unreadable[] = [];
  private readonly strayResponses: StrayResponse[] = [];
  private readonly oddities = new OddityWatch();
  private readonly gaps: ConnectionGaps;
  private readonly profiles: readonly Profile[];
  private lastFromGateway = 0;
  private snapshot: Connection | null = null;
  private judgedBy: Profile | null = null;

  constructor(
    first: Entry,
    assumedPeer: string | null,
    limits: TraceLimits = {},
    wholeGaps = new GapLog(),
  ) {
    this.calls = new CallBook(limits);
    this.profiles = limits.profiles ?? [];
    this.gaps = new ConnectionGaps(first, wholeGaps);
    this.assumedPeer = assumedPeer;
    this.facts = {
      id: first.connection,
      openedEntry: first.entry,
      openedMs: first.atMs,
      clientAddress: null,
      peerAddress: null,
      gatewayAddress: null,
      close: null,
      messageCount: 0,
    };
  }

  /** Takes in the next entry of this connection, with its frame where someone read it already. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    this.snapshot = null;
    if (this.gaps.add(entry)) this.watchGap();
    switch (entry.kind) {
      case "opened":
        this.facts.clientAddress = entry.clientAddress;
        this.facts.peerAddress = this.assumedPeer ?? entry.peerAddress;
        this.facts.gatewayAddress = entry.gatewayAddress;
        break;
      case "http-request":
        this.http.addRequest(entry);
        break;
      case "http-response":
        this.http.addResponse(entry);
        break;
      case "http-body":
        this.http.addBody(entry);
        break;
      case "message":
        this.addMessage(entry, parsed);
        break;
      case "undecodable":
        this.addUnreadable(entry, entry.reason);
        break;
      case "closed":
        this.addClosed(entry);
        break;
      case "gap":
        break;
    }
  }

  /** What the Gateway calls itself; null while it has not said so. */
  get version(): string | null {
    return this.handshake.hello?.serverVersion ?? null;
  }

  /** What this connection shows of rules, where that is more or other than they say. */
  testimony({ profile }: Rules): readonly Amendment[] {
    return testify(this.facts.id, this.evidence(), profile);
  }

  /** What is known so far, by the rules that count. The same object comes back until another entry is added, or they change. */
  connection(rules = amendRules(this.rules, this.testimony(this.rules))): Connection {
    const { profile } = rules;
    if (this.gaps.catchUp()) {
      this.snapshot = null;
      this.watchGap();
    }
    if (this.snapshot !== null && this.judgedBy === profile) return this.snapshot;
    this.judgedBy = profile;
    const evidence = this.evidence();
    const told = {
      ...this.facts,
      handshake: this.handshake,
      upgrade: evidence.upgrade,
      http: this.http.calls,
      peerIsLoopback: evidence.peerIsLoopback,
      rpcs: evidence.rpcs,
      events: [...this.events.values()],
      unreadable: this.unreadable,
      strayResponses: this.strayResponses,
      oddities: this.oddities.found,
      gaps: this.gaps.gaps,
    };
    const scopes = buildScopeSets(evidence, profile);
    this.snapshot = { ...told, outcome: outcomeOf(told), scopes };
    return this.snapshot;
  }

  private watchGap(): void {
    this.oddities.watchGap(this.gaps.gaps.at(-1)?.side ?? null);
    this.http.addGap();
  }

  private get rules(): Rules {
    return rulesFor(this.version, this.profiles);
  }

  private evidence(): ScopeEvidence {
    const { peerAddress, gatewayAddress } = this.facts;
    return {
      ...this.handshake,
      upgrade: this.http.upgrade,
      // Where the peer address was not recorded, the Gateway's own tells: a socket to a loopback address has a loopback source.
      peerIsLoopback: isLoopbackAddress(peerAddress ?? gatewayAddress),
      rpcs: this.calls.rpcs(this.gaps.gaps),
    };
  }

  private addMessage(entry: Numbered<MessageEntry>, parsed?: ParsedFrame): void {
    this.facts.messageCount += 1;
    if (entry.from === "gateway") this.lastFromGateway = entry.entry;
    this.oddities.watchMessage(entry, this.handshake.hello);
    const { message } = entry;
    if (message.type === "close") {
      this.facts.close ??= {
        code: message.code ?? 1005,
        reason: message.reason,
        by: entry.from,
        entry: entry.entry,
        atMs: entry.atMs,
      };
    } else if (message.type === "binary") {
      this.addBinary(entry, message.bytes);
    } else if (message.type === "text") {
      this.addText(entry, this.readFrame(message, entry.outline, parsed));
    }
  }

  // Gateways read a client's binary messages as text, and send none (2026.5.4 and 2026.9.6, measured).
  private addBinary(entry: Numbered<MessageEntry>, bytes: Uint8Array): void {
    const parsed = entry.from === "client" ? parseFrame(new TextDecoder().decode(bytes)) : null;
    if (parsed?.ok === true) this.addText(entry, parsed);
    else this.addUnreadable(entry, "a binary message; the Gateway speaks text only");
  }

  private readFrame(
    message: { readonly text: string },
    outline: TextOutline | undefined,
    parsed: ParsedFrame | undefined,
  ): ParsedFrame {
    const noted = outline?.frame;
    // What belongs to the handshake is looked at as a whole, and calls whose params matter.
    const isWhole =
      noted !== undefined &&
      (this.greeting.isReadWhole(noted) ||
        (noted.type === "req" && doParamsMatter(this.rules.profile, noted.method)));
    return isWhole ? parseFrame(message.text) : (parsed ?? readOutlinedFrame(message, outline));
  }

  private addText(entry: Numbered<MessageEntry>, parsed: ParsedFrame): void {
    if (!parsed.ok) this.addUnreadable(entry, parsed.reason);
    else if ((parsed.frame.type === "req") !== (entry.from === "client"))
      this.addUnreadable(entry, `a "${parsed.frame.type}" frame from the ${entry.from}`);
    else if (parsed.frame.type === "req") this.addRequest(entry, parsed.frame);
    else if (parsed.frame.type === "res") this.addResponse(entry, parsed.frame);
    else this.addEvent(entry, parsed.frame);
  }

  private addUnreadable(
    { entry, from, sizeBytes }: Numbered<Pick<MessageEntry, "from" | "sizeBytes">>,
    reason: string,
  ): void {
    this.unreadable.push({ entry, from, reason, sizeBytes });
  }

  private addRequest(entry: Numbered<MessageEntry>, frame: RequestFrame): void {
    if (this.greeting.addRequest(entry, frame)) return;
    const before = this.calls.waiting(frame.id);
    if (before !== null && !mayMissAfter(this.gaps.gaps, before.requestEntry, "gateway")) {
      this.oddities.watchDuplicateId(entry.entry, frame.id);
    }
    const isOutlined = entry.outline !== undefined;
    this.calls.ask(entry, frame, needOfParams(this.rules.profile, frame, isOutlined));
  }

  private addResponse(entry: Numbered<MessageEntry>, frame: ResponseFrame): void {
    if (this.greeting.addResponse(entry, frame)) return;
    if (this.calls.answer(entry, frame) || mayMissBefore(this.gaps.gaps, entry.entry, "client"))
      return;
    this.strayResponses.push({ entry: entry.entry, id: frame.id });
  }

  private addEvent(entry: Numbered<MessageEntry>, frame: EventFrame): void {
    const isAccepted =
      this.handshake.hello !== null || mayMissBefore(this.gaps.gaps, entry.entry, "gateway");
    this.oddities.watchEvent(entry.entry, frame, isAccepted);
    this.greeting.addEvent(entry, frame);
    const { event } = frame;
    const seen = this.events.get(event);
    if (seen === undefined) {
      const [firstEntry, firstMs] = [entry.entry, entry.atMs];
      this.events.set(event, { event, count: 1, firstEntry, firstMs, lastMs: firstMs });
    } else {
      seen.count += 1;
      seen.lastMs = entry.atMs;
    }
  }

  private addClosed(entry: Numbered<ClosedEntry>): void {
    this.oddities.watchSilence(entry.entry, entry.atMs, this.handshake.hello);
    if (this.facts.close !== null) return;
    const wasWebSocket = this.http.upgrade?.status === 101;
    const mayHaveSaid = mayMissAfter(this.gaps.gaps, this.lastFromGateway, "gateway");
    this.facts.close = {
      code: wasWebSocket && !mayHaveSaid ? 1006 : null,
      reason: entry.error ?? "",
      by: entry.how === "unreachable" ? "gateway" : entry.by,
      entry: entry.entry,
      atMs: entry.atMs,
    };
  }
}

/** What became of a connection, as far as a gap does not hide it. */
function outcomeOf({
  handshake: { hello, refusal },
  upgrade,
  http,
  close,
  gaps,
}: Pick<Connection, "handshake" | "upgrade" | "http" | "close" | "gaps">): Connection["outcome"] {
  if (hello !== null) return "accepted";
  const upgradeRefused = (upgrade?.status ?? 101) !== 101;
  // After a plain HTTP answer it is the server's right to close.
  const isPlainHttp = upgrade === null && http.length > 0;
  const endedByGateway = !isPlainHttp && close?.by === "gateway";
  const mayBeAccepted = gaps.some(({ side }) => side !== "client");
  return refusal !== null || upgradeRefused || (endedByGateway && !mayBeAccepted)
    ? "refused"
    : "incomplete";
}
