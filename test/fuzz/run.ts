import { createRandom } from "../support/random.mjs";
import { Mutator } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";

/** Of the inputs that led to something new, so many are kept. */
const MAX_INPUTS = 400;

/** An input longer than this in work has hung. */
const MAX_CASE_MS = 20_000;

/** What a run came to. */
export interface FuzzRun {
  readonly cases: number;
  /** How many different things the target did. */
  readonly behaviours: number;
}

/** An input that did what none may do. */
export class FuzzFailure extends Error {
  readonly input: Buffer;

  constructor(target: string, seed: number, number: number, input: Buffer, cause: unknown) {
    const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    const shown = input.toString("base64");
    super(`${target}, seed ${seed}, case ${number}: ${what}\ninput (base64): ${shown}`, { cause });
    this.input = input;
  }
}

/** Tries so many inputs on a target; throws `FuzzFailure` at the first that fails. */
export async function fuzz(target: FuzzTarget, cases: number, seed: number): Promise<FuzzRun> {
  const random = createRandom(seed);
  const inputs = [...(await target.inputs())];
  const good = inputs.length;
  const largest = Math.max(...inputs.map((input) => input.length));
  const mutator = new Mutator(random, target.words, 2 * largest);
  const seen = new Set<string>();
  for (let number = 0; number < cases; number++) {
    const isGood = number < good;
    const input = (isGood ? inputs[number] : undefined) ?? mutator.mutate(inputs);
    const startMs = performance.now();
    let behaviour: string;
    try {
      behaviour = await target.run(Buffer.from(input));
      const tookMs = performance.now() - startMs;
      if (tookMs > MAX_CASE_MS) throw new Error(`it took ${Math.round(tookMs)} ms`);
    } catch (error) {
      throw new FuzzFailure(target.name, seed, number, input, error);
    }
    if (seen.has(behaviour)) continue;
    seen.add(behaviour);
    if (isGood) continue;
    // The good ones stay; of the others the oldest make room.
    if (inputs.length >= MAX_INPUTS) inputs.splice(good, 1);
    inputs.push(input);
  }
  return { cases, behaviours: seen.size };
}
