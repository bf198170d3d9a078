import { Tokenizer, TokenParser, TokenType, type ParsedTokenInfo } from "@streamparser/json";
import { BytePlaces } from "./byte-places.ts";
import { MessageSurvey } from "./message-survey.ts";
import { parseHarEntry, type HarEntry } from "./schema.ts";

/** An entry of a HAR of which the messages were only looked at: in their place stand nulls. */
export interface OutlinedEntry {
  /** What matters of it, or what is wrong with it. */
  readonly entry: HarEntry | string;
  readonly survey: MessageSurvey;
  /** Where in the file the messages that can be read are. */
  readonly places: BytePlaces;
}

/** A HAR without its entries, in whose place nulls stand, and its entries one by one. */
export interface HarDocument {
  readonly value: unknown;
  readonly entries: readonly OutlinedEntry[];
}

/** How deep, counted in open brackets, the lists of entries and of messages are. */
const ENTRIES_DEPTH = 3;
const MESSAGES_DEPTH = 5;

const MESSAGES = "_webSocketMessages";

/** Longer texts are put together of parts of this size; without one, byte by byte. */
const TEXT_BYTES = 64 * 1024;

/**
 * Reads the JSON document of a HAR of any size, holding no more than its outside, its entries without their messages, and one message.
 * As with `JSON.parse`, the last of several fields with one name counts.
 * @throws {Error} that says in a few words where and why it is no JSON
 */
export class HarDocumentParser {
  readonly #tokenizer = new Tokenizer({ stringBufferSize: TEXT_BYTES });
  readonly #outside = new TokenParser({ paths: ["$"] });
  readonly #entry = new TokenParser({ paths: ["$"], separator: "" });
  readonly #message = new TokenParser({ paths: ["$"], separator: "" });
  /** The brackets that are open, and the key at which the parser is in each. */
  readonly #open: TokenType[] = [];
  readonly #keys: string[] = [];
  #token: ParsedTokenInfo = { token: TokenType.NULL, value: null, offset: 0 };
  #lastText = "";
  #value: unknown = undefined;
  #entries: OutlinedEntry[] = [];
  #survey = new MessageSurvey();
  #places = new BytePlaces();
  /** Where the message begins and ends at which the parser is. */
  #start = 0;
  #end = 0;

  constructor() {
    this.#tokenizer.onToken = (token) => this.#take(token);
    this.#outside.onValue = ({ value }) => (this.#value = value);
    this.#outside.onEnd = () => {
      if (!this.#tokenizer.isEnded) this.#tokenizer.end();
    };
    this.#entry.onValue = ({ value }) => this.#addEntry(value);
    this.#message.onValue = ({ value }) => {
      if (this.#survey.add(value)) this.#places.add(this.#start, this.#end);
    };
  }

  write(chunk: Uint8Array): void {
    try {
      this.#tokenizer.write(chunk);
    } catch (error) {
      throw new Error(explainNoJson(error, this.#token), { cause: error });
    }
  }

  end(): HarDocument {
    try {
      // A number ends only where the text does.
      if (!this.#tokenizer.isEnded) this.#tokenizer.end();
    } catch (error) {
      throw new Error("it ends in the middle", { cause: error });
    }
    if (!this.#outside.isEnded) throw new Error("it ends in the middle");
    return { value: this.#value, entries: this.#entries };
  }

  #take(token: ParsedTokenInfo): void {
    const depth = this.#open.length;
    this.#token = token;
    if (typeof token.value === "string" && token.token === TokenType.STRING)
      this.#lastText = token.value;
    else if (token.token === TokenType.COLON) this.#keys[depth] = this.#lastText;
    if (!this.#isInEntries() || isOfList(token, depth - ENTRIES_DEPTH)) this.#outside.write(token);
    else this.#takeOfEntry(token, depth);
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) {
      this.#open.push(token.token);
      this.#keys[depth + 1] = "";
      if (depth + 1 === ENTRIES_DEPTH && this.#isInEntries()) this.#entries = [];
    } else if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET) {
      this.#open.pop();
    }
  }

  #takeOfEntry(token: ParsedTokenInfo, depth: number): void {
    if (depth === ENTRIES_DEPTH) {
      this.#outside.write({ token: TokenType.NULL, value: null });
      this.#forgetMessages();
    }
    if (!this.#isInMessages() || isOfList(token, depth - MESSAGES_DEPTH)) {
      if (
        token.token === TokenType.COLON &&
        depth === MESSAGES_DEPTH - 1 &&
        this.#keys[depth] === MESSAGES
      )
        this.#forgetMessages();
      this.#entry.write(token);
      return;
    }
    if (depth === MESSAGES_DEPTH) {
      this.#entry.write({ token: TokenType.NULL, value: null });
      this.#start = token.offset;
    }
    // What is no object is no message, so that this is the bracket that ends it.
    this.#end = token.offset + 1;
    this.#message.write(token);
  }

  #addEntry(value: unknown): void {
    this.#entries.push({ entry: parseHarEntry(value), survey: this.#survey, places: this.#places });
    this.#forgetMessages();
  }

  #forgetMessages(): void {
    this.#survey = new MessageSurvey();
    this.#places = new BytePlaces();
  }

  #isInEntries(): boolean {
    return (
      this.#keys[2] === "entries" &&
      this.#keys[1] === "log" &&
      this.#open[2] === TokenType.LEFT_BRACKET
    );
  }

  #isInMessages(): boolean {
    return this.#keys[4] === MESSAGES && this.#open[4] === TokenType.LEFT_BRACKET;
  }
}

/** True for what separates and ends the items of a list, `depth` being that below the list. */
function isOfList({ token }: ParsedTokenInfo, depth: number): boolean {
  return depth === 0 && (token === TokenType.COMMA || token === TokenType.RIGHT_BRACKET);
}

/** Says in a few words where and why a text is no JSON; `token` is the last one that was come across. */
function explainNoJson(error: unknown, { token, value, offset }: ParsedTokenInfo): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, character, at] = /^Unexpected "(.)".*absolute position "(\d+)"/s.exec(message) ?? [];
  const what = token === TokenType.STRING ? "text" : JSON.stringify(String(value));
  return at === undefined
    ? `unexpected ${what} at byte ${offset}, where JSON has something else`
    : `unexpected ${JSON.stringify(character)} at byte ${at}, where JSON has something else`;
}
