import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { mayHoldSecret } from "./secret-signs.ts";
import { isSecretValue, secretKindAt } from "../gateway/secrets.ts";
import type { BodyContent, Headers, Message } from "../wire/message.ts";
import type { NewEntry, RedactionPolicy } from "../recording/entry.ts";
import { removeHeaderSecrets } from "./header-secrets.ts";
import { replaceJsonStrings } from "./json-strings.ts";
import { KnownSecrets } from "./known-secrets.ts";
import { removeQuerySecrets, removeTextSecrets, removeUnnamed } from "./text-secrets.ts";

/** JSON in a string of JSON in a string …: deeper than this, only known secrets are found. */
const MAX_NESTING = 4;

/** Requests to `secrets.*` whose answers are waited for; a client that sends more gets its oldest forgotten. */
const MAX_AWAITED = 32;

/** Takes the credentials out of entries; remembers those that it saw, for as long as the connection lasts. */
export interface Redactor {
  redact(entry: NewEntry): NewEntry;
}

/** A redactor of its own for each recording: its salt is random and never leaves it. */
export function createRedactor(policy: RedactionPolicy): Redactor {
  if (policy === "off") return { redact: (entry) => entry };
  const salt = randomBytes(32);
  const connections = new Map<number, ConnectionRedactor>();
  return {
    redact(entry) {
      const { connection } = entry;
      if (entry.kind === "opened" || entry.kind === "gap") return entry;
      if (entry.kind === "closed") {
        connections.delete(connection);
        return entry;
      }
      let redactor = connections.get(connection);
      if (redactor === undefined) {
        redactor = new ConnectionRedactor(salt);
        connections.set(connection, redactor);
      }
      return redactor.redact(entry);
    },
  };
}

type RedactableEntry = Exclude<NewEntry, { kind: "opened" | "closed" | "gap" }>;

class ConnectionRedactor {
  readonly #known: KnownSecrets;
  /** Requests whose answers hold secrets under any name: id to method. */
  readonly #awaited = new Map<string, string>();

  constructor(salt: Uint8Array) {
    this.#known = new KnownSecrets(salt);
  }

  redact(entry: RedactableEntry): NewEntry {
    switch (entry.kind) {
      case "message": {
        const message = this.#redactMessage(entry.message);
        return message === entry.message ? entry : { ...entry, message, redacted: true };
      }
      case "http-request": {
        // Headers first: what they teach may stand in the target too.
        const headers = this.#redactHeaders(entry.headers);
        const target = this.#redactTarget(entry.target);
        const same = headers === entry.headers && target === entry.target;
        return same ? entry : { ...entry, headers, target, redacted: true };
      }
      case "http-response": {
        const headers = this.#redactHeaders(entry.headers);
        return headers === entry.headers ? entry : { ...entry, headers, redacted: true };
      }
      case "http-body": {
        if (entry.content === null) return entry;
        const content = this.#redactContent(entry.content);
        return content === entry.content ? entry : { ...entry, content, redacted: true };
      }
      case "undecodable":
        // Without a known form nothing can be found in them, so they are all left out.
        return { ...entry, reason: this.#redactText(entry.reason), bytes: new Uint8Array() };
    }
  }

  #redactMessage(message: Message): Message {
    switch (message.type) {
      case "text":
      case "binary":
        return this.#redactContent(message);
      case "close": {
        const reason = this.#redactText(message.reason);
        return reason === message.reason ? message : { ...message, reason };
      }
      case "ping":
      case "pong": {
        const bytes = this.#redactBytes(message.bytes);
        return bytes === message.bytes ? message : { type: message.type, bytes };
      }
    }
  }

  #redactContent(content: BodyContent): BodyContent {
    if (content.type === "text") {
      const text = this.#redactText(content.text);
      return text === content.text ? content : { type: "text", text };
    }
    const bytes = this.#redactBytes(content.bytes);
    return bytes === content.bytes ? content : { type: "binary", bytes };
  }

  /** A Gateway reads a binary message as text too, so it may hold a whole frame. */
  #redactBytes(bytes: Uint8Array): Uint8Array {
    const encoding = isUtf8(bytes) ? "utf8" : "latin1";
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
    const redacted = this.#redactText(text);
    return redacted === text ? bytes : new Uint8Array(Buffer.from(redacted, encoding));
  }

  #redactText(text: string): string {
    const holds = mayHoldSecret(text) || this.#isAwaited(text);
    return this.#known.remove(holds ? this.#removeNew(text, 0) : text);
  }

  #removeNew(text: string, nesting: number): string {
    if (nesting > MAX_NESTING) return text;
    const frame = parseJson(text);
    if (frame === undefined) return removeTextSecrets(text, this.#take);
    const method = nesting === 0 ? this.#methodOf(frame) : null;
    return replaceJsonStrings(text, (path, value) => {
      const kind = secretKindAt(path, method);
      if (kind !== null && isSecretValue(value)) return this.#take(value, kind);
      if (!mayHoldSecret(value)) return null;
      const cleaned = this.#removeNew(value, nesting + 1);
      return cleaned === value ? null : cleaned;
    });
  }

  readonly #take = (secret: string, kind: string): string =>
    isSecretValue(secret) ? this.#known.take(secret, kind) : secret;

  /** The method of a request, or of the request that this answers. Remembers those to `secrets.*`. */
  #methodOf(frame: unknown): string | null {
    if (typeof frame !== "object" || frame === null || !("id" in frame)) return null;
    const { id } = frame;
    if (typeof id !== "string") return null;
    if ("method" in frame && typeof frame.method === "string") {
      if (frame.method.startsWith("secrets.")) this.#await(id, frame.method);
      return frame.method;
    }
    const method = this.#awaited.get(id) ?? null;
    this.#awaited.delete(id);
    return method;
  }

  #await(id: string, method: string): void {
    const oldest = this.#awaited.keys().next();
    if (this.#awaited.size >= MAX_AWAITED && !oldest.done) this.#awaited.delete(oldest.value);
    this.#awaited.set(id, method);
  }

  #isAwaited(text: string): boolean {
    for (const id of this.#awaited.keys()) if (text.includes(JSON.stringify(id))) return true;
    return false;
  }

  #redactTarget(target: string): string {
    return this.#known.remove(removeUnnamed(removeQuerySecrets(target, this.#take), this.#take));
  }

  #redactHeaders(headers: Headers): Headers {
    const named = headers.map(
      ([name, value]) => [name, removeHeaderSecrets(name, value, this.#take)] as const,
    );
    const redacted = named.map(([name, value]) => [name, this.#known.remove(value)] as const);
    return redacted.every(([, value], index) => value === headers[index]?.[1]) ? headers : redacted;
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
