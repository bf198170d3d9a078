import { hash } from "node:crypto";
import type { Frame } from "../gateway/frame.ts";
import { DigestColumn, NumberColumn } from "./columns.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { textWithoutId } from "./frame-text.ts";

/** Of SHA-256, as many bytes as tell apart whatever comes along, even what was made to look alike. */
const DIGEST_BYTES = 16;

/** What is remembered of the requests and answers of a recording, so that equal ones need not be read again. */
export class FrameDigests {
  readonly #entries = new NumberColumn();
  readonly #fingerprints = new NumberColumn();
  readonly #digests = new DigestColumn(DIGEST_BYTES);

  /** Takes in a frame. Feed frames in recorded order. */
  add(entry: number, frame: Frame, text: string): void {
    this.#entries.push(entry);
    this.#fingerprints.push(fingerprintOf(frame));
    this.#digests.push(hash("sha256", textWithoutId(text, frame)));
  }

  /** The fingerprint of the request in that entry; null when there was none. */
  fingerprint(entry: number): number | null {
    return this.#fingerprints.at(this.#indexOf(entry)) ?? null;
  }

  /** True when the frame of that entry says to the letter what the frame of an entry of the other recording says, but for its id. */
  saysTheSame(entry: number, others: FrameDigests, otherEntry: number): boolean {
    const own = this.#digests.at(this.#indexOf(entry));
    const other = others.#digests.at(others.#indexOf(otherEntry));
    return own !== undefined && other !== undefined && own.equals(other);
  }

  #indexOf(entry: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries.at(middle) ?? 0) < entry) low = middle + 1;
      else high = middle;
    }
    return this.#entries.at(low) === entry ? low : -1;
  }
}
