import { placeBelow, WHOLE_FRAME, type Place } from "../gateway/secret-places.ts";
import { secretKindOfName } from "../gateway/secrets.ts";

/** The way to a value in JSON: keys, and numbers for the elements of a list. */
export type JsonPath = readonly (string | number)[];

/**
 * Says what to put in place of parts of a JSON text; null leaves them. A number may become a string. The path is only good for as
 * long as the call.
 */
export interface JsonReplacer {
  key?(path: JsonPath, key: string): string | null;
  string(path: JsonPath, value: string, place: Place): string | null;
  number?(path: JsonPath, digits: string, place: Place): string | number | null;
}

/**
 * Replaces keys, strings and numbers inside a valid JSON text and leaves every other byte as it is, spaces and repeated keys included.
 * Paths hold the keys as they were. It takes as long as the text is, however deep that is nested.
 */
export function rewriteJson(json: string, replacer: JsonReplacer): string {
  return new Rewriter(json, replacer).run();
}

interface Level {
  readonly place: Place;
  readonly isList: boolean;
  /** What an element before says that the next value is: `["--token", "…"]`, `{"name": "TOKEN", "value": "…"}`. */
  named: string | null;
  /** After the word `set` in a list, which is that of a command. */
  isSetting: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const NUMBER = /-?\d[\d.eE+-]*/y;
const FLAG = /^--?[A-Za-z][\w-]{0,60}$/;
const NAMING_KEYS: ReadonlySet<string> = new Set(["name", "key", "field", "header", "variable"]);
const VALUE_KEYS: ReadonlySet<string> = new Set(["value", "val", "content", "default"]);

class Rewriter {
  readonly #json: string;
  readonly #replacer: JsonReplacer;
  readonly #path: (string | number)[] = [];
  readonly #levels: Level[] = [];
  #at = 0;
  #copied = 0;
  #result = "";
  #expectsKey = false;

  constructor(json: string, replacer: JsonReplacer) {
    this.#json = json;
    this.#replacer = replacer;
  }

  run(): string {
    while (this.#at < this.#json.length) this.#step(this.#json.charCodeAt(this.#at));
    return this.#copied === 0 ? this.#json : this.#result + this.#json.slice(this.#copied);
  }

  #step(code: number): void {
    if (code === QUOTE) return this.#takeString();
    if (code === MINUS || (code >= 0x30 && code <= 0x39)) return this.#takeNumber();
    this.#at += 1;
    switch (code) {
      case OPEN_OBJECT:
        return this.#open(false);
      case OPEN_LIST:
        return this.#open(true);
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        this.#path.pop();
        this.#levels.pop();
        this.#expectsKey = false;
        return;
      case COMMA:
        return this.#next();
      case COLON:
        this.#expectsKey = false;
    }
  }

  #open(isList: boolean): void {
    this.#levels.push({ place: this.#place(), isList, named: null, isSetting: false });
    this.#path.push(isList ? 0 : "");
    this.#expectsKey = !isList;
  }

  #next(): void {
    const last = this.#path.length - 1;
    const step = this.#path[last];
    if (typeof step === "number") this.#path[last] = step + 1;
    this.#expectsKey = typeof step === "string";
  }

  /** Where the value that comes now stands. */
  #place(): Place {
    const level = this.#levels.at(-1);
    if (level === undefined) return WHOLE_FRAME;
    const { place, isList, named } = level;
    const key = this.#path.at(-1);
    if (typeof key === "number") {
      if (named === null) return placeBelow(place, null);
      level.named = null;
      return placeBelow(place, named);
    }
    return placeBelow(
      place,
      !isList && named !== null && VALUE_KEYS.has(key ?? "") ? named : (key ?? null),
    );
  }

  #takeString(): void {
    const end = endOfString(this.#json, this.#at);
    const value = unquote(this.#json.slice(this.#at, end));
    if (!this.#expectsKey) {
      const replacement = this.#replacer.string(this.#path, value, this.#place());
      this.#name(value);
      return this.#put(replacement, end);
    }
    const replacement = this.#replacer.key?.(this.#path.slice(0, -1), value) ?? null;
    this.#path[this.#path.length - 1] = value;
    this.#put(replacement, end);
  }

  #name(value: string): void {
    const level = this.#levels.at(-1);
    if (level === undefined || value.length > 64) return;
    const key = this.#path.at(-1);
    const isWord = typeof key === "number";
    const names = isWord ? FLAG.test(value) || level.isSetting : NAMING_KEYS.has(key ?? "");
    if (names && secretKindOfName(value) !== null) level.named = value;
    level.isSetting = isWord && value === "set";
  }

  #takeNumber(): void {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#json)?.[0] ?? this.#json[this.#at] ?? "";
    const replacement = this.#replacer.number?.(this.#path, digits, this.#place()) ?? null;
    this.#put(replacement, this.#at + digits.length);
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
  let end = json.indexOf('"', start + 1);
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

function unquote(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  const value: unknown = JSON.parse(literal);
  return typeof value === "string" ? value : "";
}
