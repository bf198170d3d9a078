import fc from "fast-check";
import { expect, test } from "vitest";
import { SCRUB_LEVELS } from "../../src/scrub/policy.ts";
import { client, conversation, gateway, numbered } from "../support/conversation.ts";
import { frames, scrub } from "./scrubbed.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.emailAddress(),
  fc.ipV4(),
  fc.ipV6(),
  fc.uuid(),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.base64String({ minLength: 20 }),
  fc.stringMatching(/^[a-z]{2,8}[/:.@=~%-][A-Za-z0-9]{2,30}$/),
  fc.constantFrom(
    "",
    "~",
    "~a",
    "token=abc",
    "Bearer x",
    String.raw`C:\a\b\c`,
    "/a/b/c",
    "agent:main:x",
    "<redacted:",
    "host-",
    "%zz%41",
  ),
);
const key = fc.oneof(
  fc.constantFrom(
    "id",
    "token",
    "sessionKey",
    "runId",
    "message",
    "host",
    "path",
    "to",
    "name",
    "delta",
    "text",
    "code",
    "version",
    "args",
    "value",
    "__proto__",
  ),
  text,
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie("many"),
    tie("fields"),
  ),
  many: fc.array(tie("any"), { maxLength: 4 }),
  fields: fc
    .array(fc.tuple(key, tie("any")), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs)),
})).any;

test.each(SCRUB_LEVELS)(
  "at %s: whatever is scrubbed stays JSON, and scrubbing it again changes nothing",
  (level) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), value), { minLength: 1, maxLength: 4 }),
        (said) => {
          const steps = said.map(([isClient, content], index) =>
            isClient
              ? client({ type: "req", id: `c${index}`, method: "chat.send", params: content })
              : gateway({ type: "event", event: "chat", payload: content }),
          );
          const once = scrub(numbered(conversation({}, ...steps)), level).map(({ entry }) => entry);
          expect(frames(once)).toHaveLength(said.length);
          expect(
            scrub(once, level).flatMap(({ places }, index) =>
              places.map((place) => [place, once[index]]),
            ),
          ).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  },
);
