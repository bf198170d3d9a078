import type { ParsedFrame } from "../../gateway/frame.ts";
import { isTimeField, ECHOED_FIELDS, UUID, maskText } from "../../gateway/volatile.ts";
import {
  isJsonObject,
  type JsonObject,
  ownField,
  isJsonContainer,
} from "../../gateway/json-object.ts";
import type { ScriptedAction } from "../script/script.ts";

/** What a live connection has of its own, in place of what the recorded one had. */
export interface LiveFacts {
  /** Which of its values stands for which recorded one. */
  readonly correlation: Correlation;
  readonly connId: string;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Whether times in all frames are moved to now, not only those of hello-ok. */
  readonly shiftsTimes: boolean;
}

/**
 * Writes a recorded Gateway frame for a live client: its own request id, `seq` and made-up values; hello-ok fresh. `read` is the frame
 * as it reads; undefined where its text has to be read for that.
 */
export function renderFrame(
  action: ScriptedAction,
  frame: JsonObject,
  { liveId, seq }: { readonly liveId: string | null; readonly seq: number | null },
  facts: LiveFacts,
): { readonly text: string; readonly read: ParsedFrame | undefined } {
  const { id: _recordedId, ...said }: Record<string, unknown> = frame;
  const { payload } = said;
  if (isJsonObject(payload)) said["payload"] = refresh(payload, action.wallMs, facts);
  if (seq !== null) said["seq"] = seq;
  const rewritten = facts.correlation.rewrite(said);
  const body = JSON.stringify(rewritten);
  // The live id is put in last: it may by chance equal a recorded value.
  const id = liveId ?? (typeof frame["id"] === "string" ? frame["id"] : null);
  const read = readFrame(isJsonObject(rewritten) ? rewritten : said, id);
  if (id === null) return { text: body, read };
  const rest = body === "{}" ? "}" : `,${body.slice(1)}`;
  return { text: `{"id":${JSON.stringify(id)}${rest}`, read };
}

/** Field by field, as there are so many of these; what is not one of the two usual kinds is read from its text. */
function readFrame(said: JsonObject, id: string | null): ParsedFrame | undefined {
  const { type, ok, event, payload, seq = null } = said;
  if (type === "res" && ok === true && id !== null) {
    return { ok: true, frame: { type, id, ok, payload, error: null } };
  }
  if (type !== "event" || typeof event !== "string") return undefined;
  if (seq !== null && typeof seq !== "number") return undefined;
  return { ok: true, frame: { type, event, payload, seq } };
}

/** hello-ok says when it was said and to which connection; both are the live ones. */
function refresh(payload: JsonObject, recordedMs: number, facts: LiveFacts): JsonObject {
  const isHello = payload["type"] === "hello-ok";
  if (!isHello && !facts.shiftsTimes) return payload;
  const moved = moveTimes(payload, facts.nowMs() - recordedMs);
  if (!isHello) return moved;
  const server = moved["server"];
  if (!isJsonObject(server) || !("connId" in server)) return moved;
  return { ...moved, server: { ...server, connId: facts.connId } };
}

function moveTimes(object: JsonObject, byMs: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, moveTime(key, value, byMs)]),
  );
}

function moveTime(key: string, value: unknown, byMs: number): unknown {
  if (typeof value === "number") {
    return isTimeField(key) && isEpochMs(value) ? Math.round(value + byMs) : value;
  }
  if (typeof value === "string") {
    const isTime = isTimeField(key) && ISO_TIME.test(value);
    return isTime ? new Date(Date.parse(value) + byMs).toISOString() : value;
  }
  if (Array.isArray(value)) return value.map((item) => moveTime(key, item, byMs));
  return isJsonObject(value) ? moveTimes(value, byMs) : value;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

// Between 2001 and 2286: such a number in a time field counts milliseconds since the epoch, a smaller one is an offset.
function isEpochMs(value: number): boolean {
  return value > 1e12 && value < 1e13;
}

const MAX_DEPTH = 64;

/**
 * Which live value stands for which recorded one. Clients make up idempotency keys, run ids and session keys anew in
 * every run; what the recorded Gateway said back is rewritten, so that a client that waits for its run id gets it.
 */
export class Correlation {
  readonly #live = new Map<string, string>();
  readonly #parent: Correlation | null;

  /** What this one does not know, the parent may: values learnt on another connection. */
  constructor(parent: Correlation | null = null) {
    this.#parent = parent;
  }

  /** Notes that the live side says `live` where the recording says `recorded`, where both say something. */
  learn(recorded: string | null | undefined, live: string | null | undefined): void {
    if (!recorded || !live) return;
    if (recorded === live && this.#lookUp(recorded) === undefined) return;
    this.#live.set(recorded, live);
    this.#parent?.learn(recorded, live);
  }

  /** Walks a recorded and a live value side by side and learns from every echoed field and every UUID in which they differ. */
  learnFrom(recorded: unknown, live: unknown): void {
    const visit = (theirs: unknown, ours: unknown, field: string | null, depth: number): void => {
      if (typeof theirs === "string" && typeof ours === "string") {
        this.#learnText(theirs, ours, field);
      } else if (isJsonContainer(theirs) && isJsonContainer(ours) && depth < MAX_DEPTH) {
        for (const [key, inner] of Object.entries(theirs)) {
          visit(inner, ownField(ours, key), Array.isArray(theirs) ? field : key, depth + 1);
        }
      }
    };
    visit(recorded, live, null, 0);
  }

  /**
   * Puts the live values into a recorded JSON value: whole strings, names of fields, and words and UUIDs inside longer ones.
   * Gives the same object where nothing changes, which is nearly always.
   */
  rewrite(value: unknown): unknown {
    const isEmpty =
      this.#live.size === 0 && (this.#parent === null || this.#parent.#live.size === 0);
    return isEmpty ? value : this.#rewriteValue(value);
  }

  #rewriteValue(value: unknown): unknown {
    if (typeof value === "string") return this.#rewriteText(value);
    if (Array.isArray(value)) return this.#rewriteList(value);
    return isJsonContainer(value) ? this.#rewriteFields(value) : value;
  }

  #rewriteList(list: readonly unknown[]): readonly unknown[] {
    let rewritten: unknown[] | null = null;
    for (const [index, item] of list.entries()) {
      const own = this.#rewriteValue(item);
      if (own !== item) rewritten ??= list.slice(0, index);
      rewritten?.push(own);
    }
    return rewritten ?? list;
  }

  #rewriteFields(object: Readonly<Record<string, unknown>>): object {
    const names = Object.keys(object);
    let rewritten: [string, unknown][] | null = null;
    for (const [index, name] of names.entries()) {
      const own = ownField(object, name);
      const field: [string, unknown] = [this.#rewriteText(name), this.#rewriteValue(own)];
      if (rewritten === null) {
        if (field[0] === name && field[1] === own) continue;
        rewritten = names.slice(0, index).map((before) => [before, ownField(object, before)]);
      }
      rewritten.push(field);
    }
    // As entries, since a field may be called __proto__.
    return rewritten === null ? object : Object.fromEntries(rewritten);
  }

  #rewriteText(text: string): string {
    const whole = this.#lookUp(text);
    if (whole !== undefined) return whole;
    if (text.length < SHORTEST_WORD || ONE_NAME.test(text)) return text;
    return text.replace(WORD, (word) => this.#rewriteWord(word));
  }

  #rewriteWord(word: string): string {
    const known = this.#lookUp(word);
    if (known !== undefined || word.length < UUID_LENGTH) return known ?? word;
    return word.replace(UUID, (uuid) => this.#lookUp(uuid) ?? uuid);
  }

  #learnText(recorded: string, live: string, field: string | null): void {
    if (field !== null && ECHOED_FIELDS.has(field)) this.learn(recorded, live);
    if (recorded === live || maskText(recorded) !== maskText(live)) return;
    const theirs = live.match(UUID) ?? [];
    for (const [index, uuid] of (recorded.match(UUID) ?? []).entries()) {
      this.learn(uuid, theirs[index] ?? uuid);
    }
  }

  #lookUp(recorded: string): string | undefined {
    const own = this.#live.get(recorded);
    if (own !== undefined || this.#parent === null) return own;
    return this.#parent.#lookUp(recorded);
  }
}

const SHORTEST_WORD = 8;
const UUID_LENGTH = 36;

// One word and nothing around it, as nearly all names of fields are: looked up as a whole, there is nothing left to find.
const ONE_NAME = /^[A-Za-z0-9]+$/;

// A shorter word may be part of prose by chance; it counts only as a whole string. In a scrubbed recording, a key is one word.
const WORD = /<redacted:[a-z]+:[0-9a-f]{8}>|[A-Za-z0-9][\w:.-]{6,}[A-Za-z0-9]/g;
