import type { Entry, NewEntry, ScrubLevel } from "../../src/recording/entry.ts";
import type { ScrubPolicy } from "../../src/scrub/policy.ts";
import { Scrubber, type ScrubbedEntry } from "../../src/scrub/scrubber.ts";
import { numbered } from "../support/conversation.ts";

/** A policy that takes out what its level says, with a salt that is always the same. */
function policy(level: ScrubLevel, more: Partial<ScrubPolicy> = {}): ScrubPolicy {
  return { level, keys: [], paths: [], values: [], salt: Uint8Array.of(1, 2, 3), ...more };
}

/** Scrubs entries as the command does: all are learnt from first. */
export function scrub(
  entries: readonly Entry[],
  level: ScrubLevel,
  more: Partial<ScrubPolicy> = {},
): readonly ScrubbedEntry[] {
  const scrubber = new Scrubber(policy(level, more));
  for (const entry of entries) scrubber.learn(entry);
  return entries.map((entry) => scrubber.scrub(entry));
}

/** The scrubbed entries of scripted conversations. */
export function scrubbed(
  conversations: readonly (readonly NewEntry[])[],
  level: ScrubLevel,
  more: Partial<ScrubPolicy> = {},
): readonly Entry[] {
  return scrub(numbered(...conversations), level, more).map(({ entry }) => entry);
}

/** All that stands in entries, as one text to search; base64 and escapes are undone. */
export function everything(entries: readonly Entry[]): string {
  return entries
    .map((entry) =>
      JSON.stringify(entry, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
      ),
    )
    .join("\n");
}

/** The text messages, parsed; a test knows what it wrote into them. */
export function frames(entries: readonly Entry[]): readonly ReturnType<typeof JSON.parse>[] {
  return entries.flatMap((entry) =>
    entry.kind === "message" && entry.message.type === "text"
      ? [JSON.parse(entry.message.text)]
      : [],
  );
}
