import { decodeHarMessage } from "./message.ts";
import { countTimeUnits, type HarTimeVotes } from "./time.ts";

const MAX_PROBLEMS = 20;

/** What is known of the messages of a HAR entry before they are read: all that depends on more than one of them. */
export class MessageSurvey {
  /** The time of the first one that can be read, in the unit of its writer; null when there is none. */
  firstTime: number | null = null;
  /** How many cannot be read. */
  skipped = 0;
  readonly #problems: (readonly [place: number, why: string])[] = [];
  readonly #times: number[] = [];
  #count = 0;

  /** The first of those that cannot be read: which it is, from 1, and why. */
  get problems(): readonly (readonly [place: number, why: string])[] {
    return this.#problems;
  }

  /** Takes in the next one; false when it cannot be read. */
  add(value: unknown): boolean {
    this.#count += 1;
    if (typeof value === "object" && value !== null && "time" in value) {
      if (typeof value.time === "number") this.#times.push(value.time);
    }
    const decoded = decodeHarMessage(value);
    if (typeof decoded !== "string") {
      this.firstTime ??= decoded.time;
      return true;
    }
    this.skipped += 1;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push([this.#count, decoded]);
    return false;
  }

  /** Which unit the times speak for, when their socket was opened at `startedMs`. The times are forgotten. */
  takeVotes(startedMs: number): HarTimeVotes {
    return countTimeUnits(this.#times.splice(0), startedMs);
  }
}
