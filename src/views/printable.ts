/** A piece of untrusted text that is safe to print. `escaped` marks the visible escapes that stand for unsafe code points. */
export interface PrintableRun {
  readonly text: string;
  readonly escaped: boolean;
}

const EMOJI_PART = String.raw`\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?`;

/** Emoji clusters may hold a zero width joiner or a variation selector: only there those two hide nothing. */
const EMOJI_CLUSTER = String.raw`${EMOJI_PART}(?:\u200d${EMOJI_PART}){0,7}|[0-9#*]\ufe0f\u20e3`;

/**
 * What can move the cursor, switch a terminal's mode, reorder or hide text: C0, DEL, C1, bidi controls, zero width and
 * default-ignorable code points, line and paragraph separators, the byte order mark, tag characters, noncharacters and lone
 * surrogates. Combining marks after one of these (or at the start) would land on a neighbour that is not theirs.
 */
const UNSAFE_RUN = String.raw`(?:^\p{M}|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}])\p{M}*`;

/** More than four marks on one base is decoration that spills over the rows above and below. */
const EXTRA_MARKS = String.raw`(?<=\p{M}{4})\p{M}+`;

const SPECIAL = new RegExp(
  `(?<emoji>${EMOJI_CLUSTER})|(?<unsafe>${UNSAFE_RUN}|${EXTRA_MARKS})`,
  "gu",
);

const PLAIN = /^[\x20-\x7e]*$/;

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\n", String.raw`\n`],
  ["\r", String.raw`\r`],
  ["\t", String.raw`\t`],
]);

/** Splits untrusted text into runs that are safe for a terminal; an unsafe code point becomes an escape such as `\x9b` or `\u202e`. */
export function toPrintableRuns(text: string): readonly PrintableRun[] {
  if (PLAIN.test(text)) return text === "" ? [] : [{ text, escaped: false }];
  const runs: PrintableRun[] = [];
  let safeFrom = 0;
  for (const match of text.matchAll(SPECIAL)) {
    const unsafe = match.groups?.["unsafe"];
    if (unsafe === undefined) continue;
    if (match.index > safeFrom)
      runs.push({ text: text.slice(safeFrom, match.index), escaped: false });
    runs.push({ text: Array.from(unsafe, escapeCodePoint).join(""), escaped: true });
    safeFrom = match.index + unsafe.length;
  }
  if (safeFrom < text.length) runs.push({ text: text.slice(safeFrom), escaped: false });
  return runs;
}

/** Untrusted text made safe for any terminal: one line, with each unsafe code point as a visible escape. Exports keep exact bytes instead. */
export function toPrintable(text: string): string {
  if (PLAIN.test(text)) return text;
  return toPrintableRuns(text)
    .map((run) => run.text)
    .join("");
}

/** The visible escape of one code point: `\n`, `\x9b`, `\u202e` or `\u{e0041}`. */
export function escapeCodePoint(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const codePoint = character.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16);
  if (codePoint <= 0xff) return String.raw`\x` + hex.padStart(2, "0");
  if (codePoint <= 0xffff) return String.raw`\u` + hex.padStart(4, "0");
  return String.raw`\u{` + hex + "}";
}

const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON text with what `JSON.stringify` leaves raw, DEL, C1, bidi controls and other invisible characters, as `\u` escapes: the same value. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) =>
    // As UTF-16 code units, since JSON has no longer escapes.
    Array.from(
      { length: character.length },
      (_, index) => String.raw`\u` + character.charCodeAt(index).toString(16).padStart(4, "0"),
    ).join(""),
  );
}
