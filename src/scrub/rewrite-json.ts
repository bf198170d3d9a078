import type { JsonPath } from "./policy.ts";

/** Says what to put in place of parts of a JSON text; null leaves them. A number may become a string. */
export interface JsonReplacer {
  key(path: JsonPath, key: string): string | null;
  string(path: JsonPath, value: string): string | null;
  number(path: JsonPath, digits: string): string | number | null;
}

/**
 * Replaces keys, strings and numbers inside a valid JSON text and leaves every other byte as it is, spaces and repeated
 * keys included. Paths hold the keys as they were.
 */
export function rewriteJson(json: string, replacer: JsonReplacer): string {
  return new Rewriter(json, replacer).run();
}

const NUMBER = /-?\d[\d.eE+-]*/y;

class Rewriter {
  readonly #json: string;
  readonly #replacer: JsonReplacer;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #copied = 0;
  #result = "";
  #expectsKey = false;

  constructor(json: string, replacer: JsonReplacer) {
    this.#json = json;
    this.#replacer = replacer;
  }

  run(): string {
    while (this.#at < this.#json.length) this.#step(this.#json[this.#at] ?? "");
    return this.#copied === 0 ? this.#json : this.#result + this.#json.slice(this.#copied);
  }

  #step(character: string): void {
    if (character === '"') return this.#takeString();
    if (/[-\d]/.test(character)) return this.#takeNumber();
    this.#at += 1;
    if (character === "{") {
      this.#path.push("");
      this.#expectsKey = true;
    } else if (character === "[") {
      this.#path.push(0);
      this.#expectsKey = false;
    } else if (character === "}" || character === "]") {
      this.#path.pop();
      this.#expectsKey = false;
    } else if (character === ",") this.#next();
    else if (character === ":") this.#expectsKey = false;
  }

  #next(): void {
    const last = this.#path.length - 1;
    const step = this.#path[last];
    if (typeof step === "number") this.#path[last] = step + 1;
    this.#expectsKey = typeof step === "string";
  }

  #takeString(): void {
    const end = endOfString(this.#json, this.#at);
    const value = unquote(this.#json.slice(this.#at, end));
    if (!this.#expectsKey) return this.#put(this.#replacer.string(this.#path, value), end);
    const replacement = this.#replacer.key(this.#path.slice(0, -1), value);
    this.#path[this.#path.length - 1] = value;
    this.#put(replacement, end);
  }

  #takeNumber(): void {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#json)?.[0] ?? this.#json[this.#at] ?? "";
    this.#put(this.#replacer.number(this.#path, digits), this.#at + digits.length);
  }

  #put(replacement: string | number | null, end: number): void {
    if (replacement !== null) {
      this.#result += this.#json.slice(this.#copied, this.#at) + JSON.stringify(replacement);
      this.#copied = end;
    }
    this.#at = end;
  }
}

/** Where the string that begins at `start` ends, its closing quote included. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, json.length);
}

function unquote(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  const value: unknown = JSON.parse(literal);
  return typeof value === "string" ? value : "";
}
