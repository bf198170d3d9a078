const OPERATORS = ["==", "!=", "~", "<", ">"] as const;
const MARKS = ["&&", "||", "!", "(", ")", "[", "]", ","] as const;

/** A piece of a filter. `at` is where it begins, counted from 0. */
export type Token = { readonly at: number } & (
  | { readonly kind: "word"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "operator"; readonly text: (typeof OPERATORS)[number] }
  | { readonly kind: "mark"; readonly text: (typeof MARKS)[number] }
);

/** Why a filter is none, and where. */
export interface FilterProblem {
  /** The position in the filter, counted from 1, as people count. */
  readonly position: number;
  readonly message: string;
}

const TOKEN =
  /\s*(?:(?<operator>==|!=|~|<|>)|(?<mark>&&|\|\||[!()[\],])|"(?<quoted>(?:[^"\\]|\\.)*)"|(?<word>[^\s"()[\],!<>=~&|]+))/y;

/** Splits a filter into tokens, or says where it cannot. */
export function parseTokens(text: string): readonly Token[] | FilterProblem {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      return { position: skipBlanks(text, from) + 1, message: describeBadStart(text, from) };
    tokens.push(tokenOf(match.groups ?? {}, skipBlanks(text, from)));
  }
  return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, at: number): Token {
  const { quoted, word } = groups;
  const operator = OPERATORS.find((text) => text === groups["operator"]);
  if (operator !== undefined) return { kind: "operator", text: operator, at };
  const mark = MARKS.find((text) => text === groups["mark"]);
  if (mark !== undefined) return { kind: "mark", text: mark, at };
  if (quoted !== undefined)
    return { kind: "word", text: quoted.replaceAll(/\\(.)/g, "$1"), quoted: true, at };
  return { kind: "word", text: word ?? "", quoted: false, at };
}

function skipBlanks(text: string, from: number): number {
  return from + (text.slice(from).match(/^\s*/)?.[0].length ?? 0);
}

function describeBadStart(text: string, from: number): string {
  const rest = text.slice(skipBlanks(text, from));
  if (rest.startsWith('"')) return "a quote is not closed";
  if (rest.startsWith("=")) return "write == to compare";
  if (rest.startsWith("&") || rest.startsWith("|"))
    return `write ${rest.charAt(0).repeat(2)} to combine`;
  return `"${rest.charAt(0)}" means nothing here`;
}
