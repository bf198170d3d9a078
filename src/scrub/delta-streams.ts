import { STAND_INS } from "../gateway/stand-ins.ts";
import { isJsonObject, parseJsonObject } from "../gateway/json-object.ts";
import { rewriteJson, type JsonPath } from "../redaction/rewrite-json.ts";
import { renderPath } from "./policy.ts";

/** Fields of which each event brings the next piece of one text: `delta`, `deltaText`, `textDelta`, `chunk`. */
const PIECE = /^(?:delta|chunk)$|Delta$|^delta[A-Z]|Chunk$/;

interface Piece {
  readonly entry: number;
  readonly path: string;
  readonly text: string;
}

/**
 * Texts that came in pieces, as the answers of agents do (events `agent` and `chat`). What is split over two of them shows only
 * when they are put together.
 */
export class DeltaStreams {
  readonly #streams = new Map<string, Piece[]>();
  readonly #recut = new Map<string, string>();

  /** Takes in the pieces that an event brings. */
  add(connection: number, entry: number, text: string): void {
    if (!/elta|hunk/.test(text)) return;
    const frame = parseJsonObject(text);
    if (frame?.["type"] !== "event") return;
    const key = `${connection}\n${String(frame["event"])}\n${callOf(frame["payload"])}`;
    for (const [path, piece] of piecesIn(text)) {
      const stream = `${key}\n${path}`;
      const pieces = this.#streams.get(stream);
      if (pieces === undefined) this.#streams.set(stream, [{ entry, path, text: piece }]);
      else pieces.push({ entry, path, text: piece });
    }
  }

  /** Cleans each text as a whole, and cuts it again where that changes more than cleaning the pieces does. */
  finish(clean: (text: string) => string): void {
    for (const pieces of this.#streams.values()) {
      const whole = pieces.map(({ text }) => text).join("");
      const cleaned = clean(whole);
      if (cleaned === whole || cleaned === pieces.map(({ text }) => clean(text)).join("")) continue;
      const lengths = pieces.map(({ text }) => text.length);
      for (const [index, text] of cut(cleaned, lengths).entries()) {
        const piece = pieces[index];
        if (piece !== undefined) this.#recut.set(`${piece.entry} ${piece.path}`, text);
      }
    }
    this.#streams.clear();
  }

  /** The text of an event's message with its pieces as they were cut anew. */
  apply(entry: number, text: string, told: (path: JsonPath) => void): string {
    if (this.#recut.size === 0 || !/elta|hunk/.test(text)) return text;
    return rewriteJson(text, {
      string: (path, value) => {
        const recut = this.#recut.get(`${entry} ${renderPath(path)}`);
        if (recut === undefined || recut === value) return null;
        told(path);
        return recut;
      },
    });
  }
}

function piecesIn(text: string): readonly (readonly [path: string, piece: string])[] {
  const found: (readonly [string, string])[] = [];
  rewriteJson(text, {
    string: (path, value) => {
      const key = path.findLast((step) => typeof step === "string");
      if (typeof key === "string" && PIECE.test(key)) found.push([renderPath(path), value]);
      return null;
    },
  });
  return found;
}

/** What the event is about: its run, else its session. */
function callOf(payload: unknown): string {
  if (!isJsonObject(payload)) return "";
  const { runId, sessionKey, stream } = payload;
  return JSON.stringify([runId ?? sessionKey, stream]);
}

/** Cuts a text into pieces of those lengths, the rest into the last; nothing that stands for a value is cut in two. */
function cut(text: string, lengths: readonly number[]): readonly string[] {
  const standIns = [...text.matchAll(new RegExp(STAND_INS, "g"))].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  let from = 0;
  let wanted = 0;
  return lengths.map((length, index) => {
    wanted += length;
    const inside = standIns.find(([start, end]) => start < wanted && wanted < end);
    const to = index === lengths.length - 1 ? text.length : Math.max(from, inside?.[1] ?? wanted);
    const piece = text.slice(from, to);
    from = Math.min(to, text.length);
    return piece;
  });
}
