import { FrameWalker } from "./frame-walker.ts";
import { HeadScanner } from "./head-scanner.ts";
import { parseRequestHead, parseResponseHead } from "./http-head.ts";
import { asksForUpgrade, switchedProtocol } from "./upgrade.ts";
import type { Side } from "./message.ts";

/** More than this is no head of an upgrade. */
const MAX_HEAD_BYTES = 64 * 1024;

/**
 * Finds where the WebSocket begins on a connection whose first request asks for it, and from there on where its messages end.
 * Anything else, such as plain HTTP before the upgrade, it does not follow.
 */
export class ConnectionWalker {
  readonly #maxMessageBytes: number;
  readonly #heads = { client: new HeadScanner(), gateway: new HeadScanner() };
  #frames: Readonly<Record<Side, FrameWalker>> | null = null;
  #asked = false;
  #isPlain = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Follows the frames of a side; null while, or for good when, none are known of. */
  frames(from: Side): FrameWalker | null {
    return this.#frames?.[from] ?? null;
  }

  /** Takes in bytes that came before the frames; says how many of them did. */
  takeHead(from: Side, bytes: Uint8Array): number {
    if (this.#frames !== null) return 0;
    if (this.#isPlain) return bytes.length;
    // A client waits for the answer before it sends a frame (RFC 6455, section 4.1).
    if (from === "client" && this.#asked) return this.#giveUp(bytes);
    const head = this.#heads[from];
    const { taken, whole } = head.take(bytes);
    if (head.sizeBytes > MAX_HEAD_BYTES) return this.#giveUp(bytes);
    if (!whole) return bytes.length;
    if (from === "client") return this.#takeRequest(head.text(), taken, bytes);
    return this.#takeResponse(head.text(), taken, bytes);
  }

  #takeRequest(text: string, taken: number, bytes: Uint8Array): number {
    const head = parseRequestHead(text);
    if (head === null || taken < bytes.length || !asksForUpgrade(head.headers)) {
      return this.#giveUp(bytes);
    }
    this.#asked = true;
    return bytes.length;
  }

  #takeResponse(text: string, taken: number, bytes: Uint8Array): number {
    const head = parseResponseHead(text);
    if (head?.status !== 101 || !this.#asked) return this.#giveUp(bytes);
    if (switchedProtocol(head.headers).type !== "websocket") return this.#giveUp(bytes);
    this.#frames = {
      client: new FrameWalker("client", this.#maxMessageBytes),
      gateway: new FrameWalker("gateway", this.#maxMessageBytes),
    };
    return taken;
  }

  #giveUp(bytes: Uint8Array): number {
    this.#isPlain = true;
    return bytes.length;
  }
}
