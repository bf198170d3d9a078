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
        this.note(
          "repeated-message",
          entry.entry,
          `the ${entry.from} sent the same message twice in a row`,
        );
      }
      this.lastText[entry.from] = mark;
    }
    const maxPayloadBytes = hello?.policy.maxPayloadBytes ?? null;
    if (maxPayloadBytes !== null && entry.sizeBytes > maxPayloadBytes) {
      this.note(
        "oversized-message",
        entry.entry,
        `${entry.sizeBytes} bytes from the ${entry.from}, over ${maxPayloadBytes}`,
      );
    }
    if (entry.from === "gateway") this.watchSilence(entry.entry, entry.atMs, hello);
  }

  /** Looks at an event's place in the conversation and at its number. */
  watchEvent(entry: number, frame: EventFrame, accepted: boolean): void {
    if (!accepted && frame.event !== "connect.challenge") {
      this.note("event-before-hello", entry, `event ${frame.event}`);
    }
    if (frame.seq === null) return;
    const expected = this.lastSeq === null ? null : this.lastSeq + 1;
    if (expected !== null && frame.seq > expected) {
      this.note(
        "sequence-gap",
        entry,
        `event ${frame.event} has seq ${frame.seq} after ${this.lastSeq}`,
      );
    } else if (expected !== null && frame.seq < expected) {
      this.note(
        "sequence-regression",
        entry,
        `event ${frame.event} has seq ${frame.seq} after ${this.lastSeq}`,
      );
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

  /** Looks at the end: a Gateway may have been silent up to it. */
  watchEnd(entry: number, atMs: number, hello: Hello | null): void {
    this.watchSilence(entry, atMs, hello);
  }

  private watchSilence(entry: number, atMs: number, hello: Hello | null): void {
    const intervalMs = hello?.policy.tickIntervalMs ?? null;
    if (intervalMs !== null && this.lastFromGatewayMs !== null) {
      const silentMs = atMs - this.lastFromGatewayMs;
      if (silentMs > MISSED_TICKS * intervalMs) {
        this.note(
          "silence",
          entry,
          `nothing from the Gateway for ${Math.round(silentMs)} ms; it ticks every ${intervalMs} ms`,
        );
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
