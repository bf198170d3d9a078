import type { Hello } from "../gateway/connect.ts";
import type { EventFrame } from "../gateway/frame.ts";
import type { MessageEntry } from "../recording/entry.ts";
import { isSameText, markOf, type TextMark } from "../recording/outlines.ts";
import type { Side } from "../wire/message.ts";
import type { Oddity, OddityKind } from "./model.ts";

/** A list that grows without bound helps nobody; the first ones of each kind do. */
const MAX_OF_A_KIND = 100;

/** OpenClaw's own clients give a Gateway up after two missed ticks (docs, gateway/protocol: policy). */
const MISSED_TICKS = 2;

/** Watches the messages of one connection for what a well-behaved conversation does not do. */
export class OddityWatch {
  readonly found: Oddity[] = [];
  private readonly counts = new Map<OddityKind, number>();
  private readonly lastText: Record<Side, TextMark | null> = { client: null, gateway: null };
  private lastSeq: number | null = null;
  private lastFromGatewayMs: number | null = null;

  /** Looks at the message itself. Call it before what the message means is known. */
  watchMessage(entry: MessageEntry & { readonly entry: number }, hello: Hello | null): void {
    const mark = markOf(entry);
    if (mark !== null) {
      const last = this.lastText[entry.from];
      if (last !== null && isSameText(mark, last)) {
        const what = `the ${entry.from} sent the same message twice in a row`;
        this.note("repeated-message", entry.entry, what);
      }
      this.lastText[entry.from] = mark;
    }
    const maxPayloadBytes = hello?.policy.maxPayloadBytes ?? null;
    if (maxPayloadBytes !== null && entry.sizeBytes > maxPayloadBytes) {
      const what = `${entry.sizeBytes} bytes from the ${entry.from}, over ${maxPayloadBytes}`;
      this.note("oversized-message", entry.entry, what);
    }
    if (entry.from === "gateway") this.watchSilence(entry.entry, entry.atMs, hello);
  }

  /** Looks at an event's place in the conversation and at its number. */
  watchEvent(entry: number, frame: EventFrame, accepted: boolean): void {
    if (!accepted && frame.event !== "connect.challenge") {
      this.note("event-before-hello", entry, `event ${frame.event}`);
    }
    if (frame.seq === null) return;
    const ahead = this.lastSeq === null ? 0 : frame.seq - this.lastSeq - 1;
    if (ahead !== 0) {
      const what = `event ${frame.event} has seq ${frame.seq} after ${this.lastSeq}`;
      this.note(ahead > 0 ? "sequence-gap" : "sequence-regression", entry, what);
    }
    this.lastSeq = frame.seq;
  }

  /** Notes a request id that is used while another request with it waits. */
  watchDuplicateId(entry: number, id: string): void {
    this.note("duplicate-request-id", entry, `id ${id}`);
  }

  /** Something was not recorded: what seems to be missing or late from here on may have been there. */
  watchGap(side: Side | null): void {
    if (side !== "gateway") this.lastText.client = null;
    if (side === "client") return;
    this.lastText.gateway = null;
    this.lastSeq = null;
    this.lastFromGatewayMs = null;
  }

  /** Looks at what came from the Gateway, or at the end: a Gateway may have been silent up to it. */
  watchSilence(entry: number, atMs: number, hello: Hello | null): void {
    const intervalMs = hello?.policy.tickIntervalMs ?? null;
    if (intervalMs !== null && this.lastFromGatewayMs !== null) {
      const silentMs = atMs - this.lastFromGatewayMs;
      if (silentMs > MISSED_TICKS * intervalMs) {
        const what = `nothing from the Gateway for ${Math.round(silentMs)} ms; it ticks every ${intervalMs} ms`;
        this.note("silence", entry, what);
      }
    }
    this.lastFromGatewayMs = atMs;
  }

  private note(kind: OddityKind, entry: number, what: string): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count <= MAX_OF_A_KIND) this.found.push({ kind, entry, what });
  }
}
