import { describe, expect, test } from "vitest";
import { mayHoldSecret } from "../../src/redaction/secret-signs.ts";
import { SECRET_NAMES } from "../../src/gateway/secrets.ts";
import { createRandom } from "../support/random.mjs";

/** What `mayHoldSecret` has to say, as regular expressions: slow, but plain. */
const SIGNS = [
  new RegExp(
    `${SECRET_NAMES}(?:\\s*=|\\s*:\\s*\\S|\\\\*["']\\s*:\\s*\\\\*["'{[])|bearer |basic |private key-`,
    "i",
  ),
  /\bsk-|\beyJ|\/cap\/|:\/\/[^\s"'/@]*@/,
  /uth\\*"\s*:|config\.|ecrets\./,
];

function holdsSign(text: string): boolean {
  return SIGNS.some((sign) => sign.test(text));
}

const PIECES = [
  ..."token|Tokens|secret|passwd|password|passphrase|passcode|api_key|apiKeys|private-key|secretkey|ACCESS_KEY|encryption_keys".split(
    "|",
  ),
  ..."signingkey|auth_key|clientKey|authorization|Cookie|signature|credential|bearer|basic|setup_code|pairingcodes".split(
    "|",
  ),
  ..."auth|uth|config|ecrets|sk|eyJ|/cap/|://|private key|sessionKey|name|mode|version|s|k|x|Z|é|日|ſ|K|_".split(
    "|",
  ),
  ...":=-.@\"'\\ /{[}],bBJ0".split(""),
  ": ",
  '":',
  '\\":',
  '":"',
  "\t",
  "\n",
  "\u00a0",
  "\u2003",
  "\ufeff",
  "   ",
];

describe("what may hold a secret", () => {
  test.each([1, 2, 3, 4])("is what the regular expressions say (seed %i)", (seed) => {
    const random = createRandom(seed);
    const below = (count: number): number => Math.floor(random() * count);
    const wrong: string[] = [];
    let found = 0;
    for (let round = 0; round < 25_000; round += 1) {
      const length = 1 + below(7);
      const pieces = Array.from({ length }, () => PIECES[below(PIECES.length)] ?? "");
      const text = pieces.join("");
      if (holdsSign(text)) found += 1;
      if (mayHoldSecret(text) !== holdsSign(text)) wrong.push(text);
    }
    expect(wrong).toEqual([]);
    // Neither always nor never.
    expect(found).toBeGreaterThan(2500);
    expect(found).toBeLessThan(22_500);
  });

  test.each(PIECES)("is found wherever it stands: %j", (piece) => {
    for (const before of ["", " ", "x", '{"a":1,"', "https://h/", "\n", "日本"]) {
      for (const after of [
        "",
        "=",
        ":",
        ': "a"',
        '":"a"',
        '\\": \\"a',
        '":1',
        "-",
        ".",
        "@",
        " ",
      ]) {
        const text = before + piece + after;
        expect({ text, holds: mayHoldSecret(text) }).toEqual({ text, holds: holdsSign(text) });
      }
    }
  });
});
