/** Ways to write one JSON value that mean the same. */
export const SPELLINGS: readonly (readonly [name: string, write: (frame: object) => string])[] = [
  ["plain", (frame) => JSON.stringify(frame)],
  ["with spaces, as Python writes it", spaced],
  ["indented", (frame) => ` ${JSON.stringify(frame, null, 2)}\n`],
  ["with its members the other way round", (frame) => JSON.stringify(backwards(frame))],
  [
    "with escapes in names and values",
    (frame) => JSON.stringify(frame).replaceAll(/e(?=[a-z]*")/g, "\\u0065"),
  ],
  ["after other members", (frame) => JSON.stringify({ note: [{ id: "x" }], n: -1.5e3, ...frame })],
];

function spaced(frame: object): string {
  // Between a string's end and what follows it only, not inside strings.
  return JSON.stringify(frame, null, 1).replaceAll(/\n */g, " ").replaceAll(/([{[]) | ([}\]])/g, "$1$2"); // prettier-ignore
}

function backwards(frame: object): object {
  return Object.fromEntries(Object.entries(frame).toReversed());
}
