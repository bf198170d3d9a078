import { isLoopbackAddress } from "../gateway/address.ts";
import { parseConnect, parseHello, parseRefusal } from "../gateway/connect.ts";
import {
  parseFrame,
  type EventFrame,
  type ParsedFrame,
  type RequestFrame,
  type ResponseFrame,
} from "../gateway/frame.ts";
import type { ClosedEntry, Entry, MessageEntry } from "../recording/entry.ts";
import type { TextOutline } from "../recording/deferred-texts.ts";
import { readOutlinedFrame } from "../recording/outlined-frame.ts";
import type { Side } from "../wire/message.ts";
import type {
  Close,
  Connection,
  EventCount,
  Handshake,
  Rpc,
  StrayResponse,
  Unreadable,
} from "./model.ts";
import { CONDENSED_AFTER, isCondensable, type CondenseRpc } from "./condense.ts";
import { HttpBuilder } from "./http.ts";
import { OddityWatch } from "./oddities.ts";
import { answerRpc, beginRpc, type OpenRpc } from "./rpc.ts";
import { buildScopeSets } from "./scopes.ts";
import { thinRpcs } from "./thin-rpcs.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Numbered<T> = T & { readonly entry: number };

/** Reads the entries of one connection, one after the other, into what they mean. Feed it in recorded order. */
export class ConnectionBuilder {
  private readonly id: number;
  private readonly openedEntry: number;
  private readonly openedMs: number;
  private readonly assumedPeer: string | null;
  private clientAddress: string | null = null;
  private peerAddress: string | null = null;
  private gatewayAddress: string | null = null;
  private readonly http = new HttpBuilder();
  private readonly handshake: Mutable<Handshake> = {
    challengeEntry: null,
    connectEntry: null,
    connectMs: null,
    answerEntry: null,
    answerMs: null,
    connect: null,
    hello: null,
    refusal: null,
  };
  private connectId: string | null = null;
  private rpcs: Rpc[] = [];
  private readonly awaited = new Set<Rpc>();
  private readonly maxRpcs: number;
  private thinAt: number;
  private readonly condense: CondenseRpc | null;
  private condensedUntil = 0;
  private condenseAt = 2 * CONDENSED_AFTER;
  private rpcsById = new Map<string, OpenRpc>();
  private readonly events = new Map<string, Mutable<EventCount>>();
  private readonly unreadable: Unreadable[] = [];
  private readonly strayResponses: StrayResponse[] = [];
  private readonly oddities = new OddityWatch();
  private close: Close | null = null;
  private messageCount = 0;
  private snapshot: Connection | null = null;

  constructor(
    first: Entry,
    assumedPeer: string | null,
    {
      maxRpcs = Infinity,
      condense,
    }: { readonly maxRpcs?: number; readonly condense?: CondenseRpc } = {},
  ) {
    this.maxRpcs = maxRpcs;
    this.thinAt = maxRpcs;
    this.condense = condense ?? null;
    this.assumedPeer = assumedPeer;
    this.id = first.connection;
    this.openedEntry = first.entry;
    this.openedMs = first.atMs;
  }

  /** Takes in the next entry of this connection, with its frame where someone read it already. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    this.snapshot = null;
    switch (entry.kind) {
      case "opened":
        this.clientAddress = entry.clientAddress;
        this.peerAddress = this.assumedPeer ?? entry.peerAddress;
        this.gatewayAddress = entry.gatewayAddress;
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
        this.unreadable.push({
          entry: entry.entry,
          from: entry.from,
          reason: entry.reason,
          sizeBytes: entry.sizeBytes,
        });
        break;
      case "closed":
        this.addClosed(entry);
        break;
      case "gap":
        this.oddities.watchGap();
        break;
    }
  }

  /** What is known so far. The same object comes back until another entry is added. */
  connection(): Connection {
    this.snapshot ??= {
      id: this.id,
      openedEntry: this.openedEntry,
      openedMs: this.openedMs,
      clientAddress: this.clientAddress,
      peerAddress: this.peerAddress,
      gatewayAddress: this.gatewayAddress,
      peerIsLoopback: this.peerIsLoopback(),
      upgrade: this.http.upgrade,
      http: this.http.calls,
      handshake: this.handshake,
      outcome: this.outcome(),
      scopes: buildScopeSets({
        ...this.handshake,
        upgrade: this.http.upgrade,
        peerIsLoopback: this.peerIsLoopback(),
        rpcs: this.rpcs,
      }),
      rpcs: this.rpcs,
      events: [...this.events.values()],
      unreadable: this.unreadable,
      strayResponses: this.strayResponses,
      oddities: this.oddities.found,
      close: this.close,
      messageCount: this.messageCount,
    };
    return this.snapshot;
  }

  // Where the peer address was not recorded, the Gateway's own tells: a socket to a loopback address has a loopback source.
  private peerIsLoopback(): boolean | null {
    return isLoopbackAddress(this.peerAddress ?? this.gatewayAddress);
  }

  private outcome(): Connection["outcome"] {
    if (this.handshake.hello !== null) return "accepted";
    const upgradeRefused = (this.http.upgrade?.status ?? 101) !== 101;
    // After a plain HTTP answer it is the server's right to close.
    const isPlainHttp = this.http.upgrade === null && this.http.calls.length > 0;
    const endedByGateway = !isPlainHttp && this.close !== null && this.close.by !== "client";
    return this.handshake.refusal !== null || upgradeRefused || endedByGateway
      ? "refused"
      : "incomplete";
  }

  private addMessage(entry: Numbered<MessageEntry>, parsed?: ParsedFrame): void {
    this.messageCount += 1;
    this.oddities.watchMessage(entry, this.handshake.hello);
    const { message } = entry;
    if (message.type === "close") {
      this.close ??= {
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
    const isAnswer = outline?.frame.type === "res" && outline.frame.id === this.connectId;
    // What answers the handshake is looked at as a whole.
    return isAnswer ? parseFrame(message.text) : (parsed ?? readOutlinedFrame(message, outline));
  }

  private addText(entry: Numbered<MessageEntry>, parsed: ParsedFrame): void {
    if (!parsed.ok) this.addUnreadable(entry, parsed.reason);
    else if (!mayCome(parsed.frame.type, entry.from))
      this.addUnreadable(entry, `a "${parsed.frame.type}" frame from the ${entry.from}`);
    else if (parsed.frame.type === "req") this.addRequest(entry, parsed.frame);
    else if (parsed.frame.type === "res") this.addResponse(entry, parsed.frame);
    else this.addEvent(entry, parsed.frame);
  }

  private addUnreadable(entry: Numbered<MessageEntry>, reason: string): void {
    this.unreadable.push({
      entry: entry.entry,
      from: entry.from,
      reason,
      sizeBytes: entry.sizeBytes,
    });
  }

  private addRequest(entry: Numbered<MessageEntry>, frame: RequestFrame): void {
    if (frame.method === "connect" && this.handshake.connectEntry === null) {
      this.handshake.connectEntry = entry.entry;
      this.handshake.connectMs = entry.atMs;
      this.handshake.connect = parseConnect(frame.params);
      this.connectId = frame.id;
      return;
    }
    const rpc = beginRpc(entry, frame);
    if (this.rpcsById.get(frame.id)?.responseEntry === null) {
      this.oddities.watchDuplicateId(entry.entry, frame.id);
    }
    this.rpcs.push(rpc);
    this.rpcsById.set(frame.id, rpc);
    if (this.rpcs.length > this.thinAt) this.thin();
    if (this.condense !== null && this.rpcs.length > this.condenseAt)
      this.condenseOld(this.condense);
  }

  private condenseOld(condense: CondenseRpc): void {
    const answerEntry = this.handshake.answerEntry ?? Infinity;
    const gone = new Set<Rpc>();
    const end = this.rpcs.length - CONDENSED_AFTER;
    for (const [index, rpc] of this.rpcs.slice(this.condensedUntil, end).entries()) {
      if (!isCondensable(rpc, this.awaited)) continue;
      this.rpcs[this.condensedUntil + index] = condense(rpc, rpc.requestEntry < answerEntry);
      gone.add(rpc);
    }
    this.condensedUntil = end;
    // Not deleted one by one: each time a Map makes itself anew, its old table holds on to what it held until the next full collection.
    this.rpcsById = new Map([...this.rpcsById].filter(([, rpc]) => !gone.has(rpc)));
    this.condenseAt = this.rpcs.length + Math.max(CONDENSED_AFTER, this.rpcsById.size);
  }

  private thin(): void {
    const kept = thinRpcs(this.rpcs, this.awaited, this.maxRpcs / 2);
    this.rpcs = [...kept];
    this.rpcsById.clear();
    for (const rpc of kept) this.rpcsById.set(rpc.id, rpc);
    this.thinAt = Math.max(this.maxRpcs, kept.length * 2);
  }

  private addResponse(entry: Numbered<MessageEntry>, frame: ResponseFrame): void {
    if (frame.id === this.connectId && this.handshake.answerEntry === null) {
      this.handshake.answerEntry = entry.entry;
      this.handshake.answerMs = entry.atMs;
      if (frame.ok) this.handshake.hello = parseHello(frame.payload);
      else if (frame.error !== null) this.handshake.refusal = parseRefusal(frame.error);
      return;
    }
    const rpc = this.rpcsById.get(frame.id);
    const answer = rpc === undefined ? "stray" : answerRpc(rpc, entry, frame);
    if (rpc === undefined || answer === "stray") {
      this.strayResponses.push({ entry: entry.entry, id: frame.id });
    } else if (answer === "accepted") this.awaited.add(rpc);
    else this.awaited.delete(rpc);
  }

  private addEvent(entry: Numbered<MessageEntry>, frame: EventFrame): void {
    this.oddities.watchEvent(entry.entry, frame, this.handshake.hello !== null);
    if (frame.event === "connect.challenge") this.handshake.challengeEntry ??= entry.entry;
    const seen = this.events.get(frame.event);
    if (seen === undefined) {
      this.events.set(frame.event, {
        event: frame.event,
        count: 1,
        firstEntry: entry.entry,
        firstMs: entry.atMs,
        lastMs: entry.atMs,
      });
    } else {
      seen.count += 1;
      seen.lastMs = entry.atMs;
    }
  }

  private addClosed(entry: Numbered<ClosedEntry>): void {
    this.oddities.watchEnd(entry.entry, entry.atMs, this.handshake.hello);
    if (this.close !== null) return;
    const wasWebSocket = this.http.upgrade?.status === 101;
    this.close = {
      code: wasWebSocket ? 1006 : null,
      reason: entry.error ?? "",
      by: entry.how === "unreachable" ? "gateway" : entry.by,
      entry: entry.entry,
      atMs: entry.atMs,
    };
  }
}

function mayCome(type: "req" | "res" | "event", from: Side): boolean {
  return (type === "req") === (from === "client");
}
