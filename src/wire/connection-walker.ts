import { FrameWalker } from "./frame-walker.ts";
import { parseRequestHead, parseResponseHead } from "./http-head.ts";
import { HttpReader } from "./http-reader.ts";
import { asksForUpgrade, switchedProtocol } from "./upgrade.ts";
import type { Side } from "./message.ts";

/**
 * Finds where the WebSocket begins on a connection whose first request asks for it, and from there on where its messages end.
 * Anything else, such as plain HTTP before the upgrade, it does not follow.
 */
export class ConnectionWalker {
  readonly #maxMessageBytes: number;
  readonly #request = new HttpReader("client", parseRequestHead);
  readonly #response = new HttpReader("gateway", parseResponseHead);
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
    let rest = bytes;
    while (rest.length > 0 && !this.#isPlain && this.#frames === null) {
      const left = from === "client" ? this.#takeRequest(rest) : this.#takeResponse(rest);
      if (left === null) this.#isPlain = true;
      else rest = left;
    }
    return this.#frames === null ? bytes.length : bytes.length - rest.length;
  }

  /** What is left of the bytes; null when this is followed no further. */
  #takeRequest(bytes: Uint8Array): Uint8Array | null {
    // A client waits for the answer before it sends a frame (RFC 6455, section 4.1).
    if (this.#asked) return null;
    const part = this.#request.read(bytes);
    if (part === null) return NOTHING;
    if (part.name === "empty-lines") return part.rest;
    this.#asked = part.name === "head" && asksForUpgrade(part.head.headers);
    return this.#asked && part.name === "head" && part.rest.length === 0 ? part.rest : null;
  }

  #takeResponse(bytes: Uint8Array): Uint8Array | null {
    const part = this.#response.read(bytes);
    if (part === null) return NOTHING;
    if (part.name === "empty-lines") return part.rest;
    if (part.name !== "head" || !this.#asked) return null;
    const { status, headers } = part.head;
    if (status === 101 && switchedProtocol(headers).type === "websocket") {
      this.#frames = {
        client: new FrameWalker("client", this.#maxMessageBytes),
        gateway: new FrameWalker("gateway", this.#maxMessageBytes),
      };
      return part.rest;
    }
    // An interim answer leaves the request open (RFC 9110, section 15.2).
    return status < 200 && status !== 101 ? part.rest : null;
  }
}

const NOTHING = new Uint8Array();
