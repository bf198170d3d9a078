import { closest } from "fastest-levenshtein";
import { FIELDS, type FieldName, type Operator } from "./fields.ts";
import type { Filter, Value } from "./filter.ts";
import { parseTokens, type FilterProblem, type Token } from "./tokens.ts";
import { parseValue } from "./values.ts";

/** A filter, or why the text is none. */
export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly problem: FilterProblem };

/**
 * Reads a filter such as `type==res && !ok && method~sessions`. A field that does not exist, or a value that a field cannot have, is a
 * problem that names the nearest one. What merely does not occur is for `Occurring` to tell.
 */
export function parseFilter(text: string): ParsedFilter {
  const tokens = parseTokens(text);
  if ("position" in tokens) return { ok: false, problem: tokens };
  const parser = new FilterParser(tokens, text.length);
  try {
    return { ok: true, filter: parser.parse() };
  } catch (error) {
    if (error instanceof Stop) return { ok: false, problem: error.problem };
    throw error;
  }
}

interface PlacedValue {
  readonly value: Value;
  readonly at: number;
}

/** Ends the descent at the first problem; never leaves this file. */
class Stop extends Error {
  readonly problem: FilterProblem;
  constructor(at: number, message: string) {
    super(message);
    this.problem = { position: at + 1, message };
  }
}

/** Recursive descent over `or` > `and` > `!` > comparison, as in most programming languages. Blanks between terms mean `&&`. */
class FilterParser {
  private index = 0;
  private readonly tokens: readonly Token[];
  private readonly endAt: number;

  constructor(tokens: readonly Token[], endAt: number) {
    this.tokens = tokens;
    this.endAt = endAt;
  }

  parse(): Filter {
    if (this.tokens.length === 0) throw new Stop(0, "the filter is empty");
    const filter = this.parseOr();
    const rest = this.tokens[this.index];
    if (rest !== undefined) throw new Stop(rest.at, `"${rest.text}" is one too many`);
    return filter;
  }

  private parseOr(): Filter {
    let left = this.parseAnd();
    while (this.takeMark("||")) left = { kind: "or", left, right: this.parseAnd() };
    return left;
  }

  private parseAnd(): Filter {
    let left = this.parseNot();
    while (this.takeMark("&&") || this.startsTerm())
      left = { kind: "and", left, right: this.parseNot() };
    return left;
  }

  private parseNot(): Filter {
    if (this.takeMark("!")) return { kind: "not", of: this.parseNot() };
    if (this.takeMark("(")) {
      const inner = this.parseOr();
      if (!this.takeMark(")")) throw new Stop(this.at(), "a ) is missing");
      return inner;
    }
    return this.parseTerm();
  }

  private parseTerm(): Filter {
    const word = this.tokens[this.index];
    if (word === undefined) throw new Stop(this.endAt, "expected a field or a word to search");
    if (word.kind !== "word")
      throw new Stop(word.at, `expected a field or a word to search, not "${word.text}"`);
    this.index += 1;
    const operator = this.takeOperator();
    if (operator === null) return this.bareWord(word);
    const field = this.fieldOf(word);
    const values = operator === "in" ? this.parseList(field) : [this.parseOne(field, operator)];
    return {
      kind: "compare",
      field,
      operator,
      values: values.map(({ value }) => value),
      at: values.map(({ at }) => at),
    };
  }

  private bareWord(word: Token & { kind: "word" }): Filter {
    if (word.text === "ok" && !word.quoted)
      return { kind: "compare", field: "ok", operator: "==", values: [true], at: [word.at + 1] };
    return { kind: "text", text: word.text };
  }

  private fieldOf(word: Token & { kind: "word" }): FieldName {
    const field = FIELDS.find((name) => name === word.text);
    if (field === undefined)
      throw new Stop(
        word.at,
        `there is no field "${word.text}"; did you mean ${closest(word.text, FIELDS)}?`,
      );
    return field;
  }

  private parseList(field: FieldName): readonly PlacedValue[] {
    if (!this.takeMark("[") && !this.takeMark("("))
      throw new Stop(this.at(), "expected a list: in [a, b]");
    const values = [this.parseOne(field, "in")];
    while (this.takeMark(",")) values.push(this.parseOne(field, "in"));
    if (!this.takeMark("]") && !this.takeMark(")"))
      throw new Stop(this.at(), "the list is not closed");
    return values;
  }

  private parseOne(field: FieldName, operator: Operator): PlacedValue {
    const token = this.tokens[this.index];
    if (token?.kind !== "word")
      throw new Stop(token?.at ?? this.endAt, `expected a value for ${field}`);
    this.index += 1;
    const parsed = parseValue(field, operator, token.text);
    if (!parsed.ok) throw new Stop(token.at, parsed.message);
    return { value: parsed.value, at: token.at + 1 };
  }

  private takeOperator(): Operator | null {
    const token = this.tokens[this.index];
    if (
      token?.kind === "operator" ||
      (token?.kind === "word" && token.text === "in" && !token.quoted)
    ) {
      this.index += 1;
      return token.kind === "operator" ? token.text : "in";
    }
    return null;
  }

  private takeMark(text: string): boolean {
    const token = this.tokens[this.index];
    if (token?.kind !== "mark" || token.text !== text) return false;
    this.index += 1;
    return true;
  }

  private startsTerm(): boolean {
    const token = this.tokens[this.index];
    return (
      token?.kind === "word" ||
      (token?.kind === "mark" && (token.text === "!" || token.text === "("))
    );
  }

  private at(): number {
    return this.tokens[this.index]?.at ?? this.endAt;
  }
}
