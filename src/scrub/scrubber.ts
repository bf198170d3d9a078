import { isUtf8 } from "node:buffer";
import { parseJsonObject } from "../gateway/json-object.ts";
import type { Entry, NewEntry, NewRecordingHeader, RecordingHeader } from "../recording/entry.ts";
import type { BodyContent, Message } from "../wire/message.ts";
import { DeltaStreams } from "./delta-streams.ts";
import { scrubHeaders, scrubTarget } from "./http-heads.ts";
import type { JsonPath } from "../redaction/rewrite-json.ts";
import { renderPath, type ScrubPolicy } from "./policy.ts";
import { TextScrubber } from "./text-scrubber.ts";

/** An entry scrubbed, and where something was taken out of it; no place when it is as it was. */
export interface ScrubbedEntry {
  readonly entry: Entry;
  readonly places: readonly string[];
}

/**
 * Scrubs a recording. Show it all entries with `learn` first, in order, then ask for them again, in order, with `scrub`: what
 * one entry names as an identifier is found in all others. Scrubbing what was scrubbed changes nothing, so `scrub` is the check too.
 */
export class Scrubber {
  readonly #policy: ScrubPolicy;
  readonly #texts: TextScrubber;
  readonly #streams = new DeltaStreams();
  /** Methods by connection and request id: a response does not say what it answers. */
  readonly #methods = new Map<string, string>();
  #learning = true;

  constructor(policy: ScrubPolicy) {
    this.#policy = policy;
    this.#texts = new TextScrubber(policy);
  }

  /** Takes in what an entry tells. */
  learn(entry: Entry): void {
    if (entry.kind === "message" && entry.message.type === "text" && entry.from === "gateway") {
      this.#streams.add(entry.connection, entry.entry, entry.message.text);
    }
    this.#scrub(entry, () => undefined);
  }

  /** The entry without what the policy takes out. */
  scrub(entry: Entry): ScrubbedEntry {
    if (this.#learning) {
      this.#texts.startAgain();
      this.#streams.finish((text) => this.#texts.clean(text));
      this.#texts.startAgain();
      this.#learning = false;
    }
    const places = new Set<string>();
    const scrubbed = this.#scrub(entry, (path) => places.add(renderPath(path)));
    return {
      entry: places.size === 0 ? entry : { ...scrubbed, entry: entry.entry },
      places: [...places],
    };
  }

  /** The header of the scrubbed recording. */
  header(header: RecordingHeader): NewRecordingHeader {
    const { formatVersion: _, toolVersion: __, ...rest } = header;
    const clean = (text: string | null) => (text === null ? null : this.#texts.clean(text));
    return {
      ...rest,
      upstream: clean(header.upstream),
      listen: clean(header.listen),
      assumedPeer: clean(header.assumedPeer),
      replayOf: header.replayOf.map((name) => this.#texts.clean(name)),
      redaction: "credentials",
      scrubbed: this.#policy.level,
    };
  }

  #scrub(entry: Entry, told: (path: JsonPath) => void): NewEntry {
    const texts = this.#texts;
    /** Cleans one field, and tells when that changed it. */
    const field = <T>(name: string, before: T, after: T): T => {
      if (after !== before) told([name]);
      return after;
    };
    const clean = <T extends string | null>(name: string, text: T): T | string =>
      text === null ? text : field<string>(name, text, texts.clean(text));
    switch (entry.kind) {
      case "opened":
        return {
          ...entry,
          clientAddress: clean("clientAddress", entry.clientAddress),
          peerAddress: clean("peerAddress", entry.peerAddress),
          gatewayAddress: clean("gatewayAddress", entry.gatewayAddress),
        };
      case "http-request": {
        const headers = this.#headers(entry.headers, told);
        const target = field(
          "target",
          entry.target,
          scrubTarget(entry.target, this.#policy.level, texts),
        );
        const isChanged = headers !== entry.headers || target !== entry.target;
        return { ...entry, headers, target, redacted: entry.redacted || isChanged };
      }
      case "http-response": {
        const headers = this.#headers(entry.headers, told);
        const reason = field("reason", entry.reason, texts.scrubSentence(entry.reason));
        const isChanged = headers !== entry.headers || reason !== entry.reason;
        return { ...entry, headers, reason, redacted: entry.redacted || isChanged };
      }
      case "message": {
        const message = this.#message(entry, told);
        return message === entry.message ? entry : { ...entry, message, redacted: true };
      }
      case "http-body": {
        if (entry.content === null) return entry;
        const content = this.#content(entry, entry.content, told);
        return content === entry.content ? entry : { ...entry, content, redacted: true };
      }
      case "undecodable":
        // Without a known form nothing can be found in the bytes, so they are all left out.
        if (entry.bytes.length > 0) told(["bytes"]);
        return { ...entry, reason: clean("reason", entry.reason), bytes: new Uint8Array() };
      case "closed":
        return { ...entry, error: clean("error", entry.error) };
      case "gap":
        return { ...entry, reason: clean("reason", entry.reason) };
    }
  }

  #headers(
    headers: Extract<Entry, { kind: "http-request" }>["headers"],
    told: (path: JsonPath) => void,
  ): typeof headers {
    const scrubbed = scrubHeaders(headers, this.#policy.level, this.#texts);
    for (const [index, [name, value]] of scrubbed.entries()) {
      if (value !== headers[index]?.[1]) told(["headers", name]);
    }
    return scrubbed;
  }

  #message(entry: Extract<Entry, { kind: "message" }>, told: (path: JsonPath) => void): Message {
    const { message } = entry;
    if (message.type === "text" || message.type === "binary") {
      return this.#content(entry, message, told);
    }
    if (message.type === "close") {
      const reason = this.#texts.scrubSentence(message.reason);
      if (reason === message.reason) return message;
      told(["reason"]);
      return { ...message, reason };
    }
    const bytes = this.#bytes(entry, message.bytes, told);
    return bytes === message.bytes ? message : { type: message.type, bytes };
  }

  #content(entry: Entry, content: BodyContent, told: (path: JsonPath) => void): BodyContent {
    if (content.type === "text") {
      const text = this.#text(entry, content.text, told);
      return text === content.text ? content : { type: "text", text };
    }
    const bytes = this.#bytes(entry, content.bytes, told);
    return bytes === content.bytes ? content : { type: "binary", bytes };
  }

  #text(entry: Entry, text: string, told: (path: JsonPath) => void): string {
    const recut = this.#learning ? text : this.#streams.apply(entry.entry, text, told);
    return this.#texts.scrubMessage(recut, this.#methodOf(entry.connection, text), told);
  }

  /** A Gateway reads a binary message as text too, so it may hold a whole frame. */
  #bytes(entry: Entry, bytes: Uint8Array, told: (path: JsonPath) => void): Uint8Array {
    const isText = isUtf8(bytes);
    if (!isText && this.#policy.level === "content") {
      if (bytes.every((byte) => byte === 0)) return bytes;
      told(["bytes"]);
      return new Uint8Array(bytes.length);
    }
    const encoding = isText ? "utf8" : "latin1";
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
    const scrubbed = this.#text(entry, text, told);
    return scrubbed === text ? bytes : new Uint8Array(Buffer.from(scrubbed, encoding));
  }

  #methodOf(connection: number, text: string): string | null {
    // Only of these methods any answer may be secret.
    if (!this.#learning && this.#methods.size === 0) return null;
    const frame = parseJsonObject(text);
    const [id, method] = [frame?.["id"], frame?.["method"]];
    if (typeof id !== "string") return null;
    const key = `${connection}\n${id}`;
    if (typeof method !== "string") return this.#methods.get(key) ?? null;
    if (/^(?:secrets|config)\./.test(method)) this.#methods.set(key, method);
    return method;
  }
}
