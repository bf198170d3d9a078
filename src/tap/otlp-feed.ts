import { OtlpFollower } from "../exchange/otlp/follower.ts";
import { SpanStream } from "../otlp/span-stream.ts";
import type { OtlpOrigin } from "../exchange/otlp/origin.ts";
import type { Finding } from "../findings/finding.ts";
import type { SpanTally } from "../otlp/span-stream.ts";
import type { Entry } from "../recording/entry.ts";
import type { FrameReading } from "../recording/frame-reading.ts";
import type { Connection } from "../trace/model.ts";
import type { Notice } from "./notices.ts";

/**
 * Gets ready to push spans to that URL; `onTrouble` hears when it does not work.
 * @throws {GwTraceError} PACKAGE_MISSING
 */
export async function createOtlpFeed(
  endpoint: string,
  origin: OtlpOrigin,
  onTrouble: (reason: string) => void,
): Promise<OtlpFeed> {
  return new OtlpFeed(origin, await SpanStream.create(endpoint, onTrouble), onTrouble);
}

/** Pushes what is recorded to an OTLP receiver as spans. Nothing that it hears makes it throw or wait. */
export class OtlpFeed {
  readonly #follower: OtlpFollower;
  readonly #stream: SpanStream;
  readonly #onTrouble: (reason: string) => void;
  #hasFailed = false;

  constructor(origin: OtlpOrigin, stream: SpanStream, onTrouble: (reason: string) => void) {
    this.#stream = stream;
    this.#onTrouble = onTrouble;
    this.#follower = new OtlpFollower(origin, (span) => stream.push(span));
  }

  /** Takes in the next entry as it is stored, which is to say redacted, with what was read of it. */
  add(entry: Entry, reading: FrameReading | null): void {
    this.#try(() => this.#follower.add(entry, reading));
  }

  /** Takes in that a handshake was decided, or that a connection ended. */
  notice(notice: Notice): void {
    this.#try(() => {
      if (notice.kind === "decided") this.#follower.decided(notice.connection);
      else this.#follower.over(notice);
    });
  }

  /** Takes in all that is found on a connection by now. */
  found(connection: Connection, findings: readonly Finding[]): void {
    this.#try(() => this.#follower.found(connection.id, findings));
  }

  /** Takes in that open connections were looked at for findings. */
  looked(): void {
    this.#try(() => this.#follower.settle());
  }

  /** Sends what waits, connections that are still open among it. Never rejects. */
  async close(open: readonly Omit<Notice, "kind">[]): Promise<SpanTally> {
    for (const connection of open) this.#try(() => this.#follower.over(connection));
    const tally = await this.#stream.close();
    return { ...tally, lost: tally.lost + this.#follower.missedCalls };
  }

  // A fault of ours costs spans, not the recording.
  #try(action: () => void): void {
    if (this.#hasFailed) return;
    try {
      action();
    } catch (error) {
      this.#hasFailed = true;
      // Not the error's message, which may quote what was recorded.
      const fault = error instanceof Error ? error.name : typeof error;
      this.#onTrouble(`gw-trace failed to make spans: ${fault}`);
    }
  }
}
