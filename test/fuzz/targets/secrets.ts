import { isDeepStrictEqual } from "node:util";
import { createRedactor } from "../../../src/redaction/redaction.ts";
import { Scrubber } from "../../../src/scrub/scrubber.ts";
import type { Entry } from "../../../src/recording/entry.ts";
import { SCRUB_LEVELS } from "../../../src/scrub/policy.ts";
import { connect, conversation, numbered } from "../../support/conversation.ts";
import type { FuzzTarget } from "../target.ts";
import { entriesOf, FRAME_WORDS, recordedConversations } from "./meaning.ts";

const CANARY = "canary-0f9e8d7c6b5a";

/** Redaction: a credential that was seen at its place never comes through again, wherever and in whatever company. */
export const redaction: FuzzTarget = {
  name: "redaction",
  oneIn: 40,
  words: [...FRAME_WORDS, CANARY, `"${CANARY}"`, `"token":"${CANARY}"`, `?token=${CANARY}`, "token=", "Bearer ", "\\u0063anary", "\\\\\""],
  inputs: recordedConversations,
  run(input) {
    const redactor = createRedactor("credentials");
    const opening = numbered(conversation({}, connect({ auth: { token: CANARY } }))).find(
      ({ kind }) => kind === "message",
    );
    if (opening === undefined) throw new Error("no connect");
    let redacted = 0;
    for (const entry of [opening, ...entriesOf(input)]) {
      const text = JSON.stringify(redactor.redact(entry));
      if (text.includes(CANARY)) throw new Error(`it came through: ${text}`);
      if (text.includes("<redacted:")) redacted += 1;
    }
    return String(redacted);
  },
}; // prettier-ignore

const LEVELS = SCRUB_LEVELS.map((level) => ({
  level,
  keys: [],
  paths: [],
  values: [],
  salt: Buffer.alloc(32, 7),
}));

function scrubAll(entries: readonly Entry[], policy: (typeof LEVELS)[number]): readonly Entry[] {
  const scrubber = new Scrubber(policy);
  for (const entry of entries) scrubber.learn(entry);
  return entries.map((entry) => scrubber.scrub(entry).entry);
}

/** Scrubbing: never throws, and leaves what was scrubbed as it is, so that its own check holds. */
export const scrubbing: FuzzTarget = {
  name: "scrubbing",
  oneIn: 1000,
  words: [...FRAME_WORDS, "someone@example.com", "192.168.1.77", "/home/someone/.ssh/id", "+49 170 1234567", "agent:main:telegram:12345", "eyJhbGciOiJIUzI1NiJ9."],
  inputs: recordedConversations,
  run(input) {
    const entries = entriesOf(input);
    const said: string[] = [];
    for (const policy of LEVELS) {
      const once = scrubAll(entries, policy);
      const twice = scrubAll(once, policy);
      if (!isDeepStrictEqual(once, twice))
        throw new Error(`at ${policy.level}, scrubbing again changes ${differing(once, twice)}`);
      said.push(String(once.filter((entry, at) => entry !== entries[at]).length));
    }
    return said.join();
  },
}; // prettier-ignore

function differing(once: readonly Entry[], twice: readonly Entry[]): string {
  const at = once.findIndex((entry, index) => !isDeepStrictEqual(entry, twice[index]));
  return `${JSON.stringify(once[at])} to ${JSON.stringify(twice[at])}`;
}
