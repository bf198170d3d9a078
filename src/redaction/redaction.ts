import { isUtf8 } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { parseJson } from "../gateway/parse-json.ts";
import { isNamedSecret, secretKindAt, secretKindOfNumberAt } from "../gateway/secret-places.ts";
import { isSecretValue } from "../gateway/secret-values.ts";
import type { BodyContent, Headers, Message } from "../wire/message.ts";
import type { NewEntry, RedactionPolicy } from "../recording/entry.ts";
import { mayHoldSecret } from "./find-secrets.ts";
import { removeCredential, removeHeaderSecrets } from "./header-secrets.ts";
import { KnownSecrets, type SecretSource } from "./known-secrets.ts";
import { removeLooseSecrets, removeSecrets, removeTargetSecrets } from "./remove-secrets.ts";
import { rewriteJson } from "./rewrite-json.ts";

/** Requests whose answers are waited for on one connection; of a client with more, every answer counts as one of those. */
const MAX_AWAITED = 10_000;

/** Takes the credentials out of entries; remembers those that it saw, whichever connection they were on. */
export interface Redactor {
  redact(entry: NewEntry): NewEntry;
}

/**
 * A redactor of its own for each recording: its salt is random and never leaves it. `secrets` are known beforehand, each with its kind,
 * such as the token of the Gateway that is going to be recorded.
 */
export function createRedactor(
  policy: RedactionPolicy,
  secrets: ReadonlyMap<string, string> = new Map(),
): Redactor {
  if (policy === "off") return { redact: (entry) => entry };
  const known = new KnownSecrets(randomBytes(32), secrets);
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
        redactor = new ConnectionRedactor(known);
        connections.set(connection, redactor);
      }
      known.beginMessage();
      return redactor.redact(entry);
    },
  };
}

type RedactableEntry = Exclude<NewEntry, { kind: "opened" | "closed" | "gap" }>;

class ConnectionRedactor {
  readonly #known: KnownSecrets;
  /** Requests whose answers hold secrets under any name: id to method. */
  readonly #awaited = new Map<string, string>();
  #awaitsMore = false;

  constructor(known: KnownSecrets) {
    this.#known = known;
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
        const target = this.#known.remove(removeTargetSecrets(entry.target, this.#takeIdentity));
        const same = headers === entry.headers && target === entry.target;
        return same ? entry : { ...entry, headers, target, redacted: true };
      }
      case "http-response": {
        const headers = this.#redactHeaders(entry.headers);
        const reason = this.#redactText(entry.reason);
        const same = headers === entry.headers && reason === entry.reason;
        return same ? entry : { ...entry, headers, reason, redacted: true };
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
    const holds = this.#awaited.size > 0 || this.#awaitsMore || mayHoldSecret(text);
    return this.#known.remove(holds ? this.#removeNew(text) : text);
  }

  #removeNew(text: string): string {
    const frame = parseJson(text);
    if (frame === undefined) return this.#removeLoose(text);
    const method = this.#methodOf(frame);
    return this.#removeFromJson(text, method, isHandshake(frame, method) ? "handshake" : "place");
  }

  #removeFromJson(text: string, method: string | null, source: SecretSource): string {
    const takeNamed = this.#takerFrom(source);
    return rewriteJson(text, {
      key: (_, key) => changed(key, removeSecrets(key, this.#takeSeen)),
      string: (_, value, place) => {
        const kind = secretKindAt(place, method);
        if (kind === null || !isSecretValue(value))
          return changed(value, this.#removeNested(value));
        const take = isNamedSecret(place, method) ? takeNamed : this.#takeSeen;
        return changed(value, removeCredential(kind, value, take));
      },
      number: (_, digits, place) => {
        const kind = secretKindOfNumberAt(place, digits);
        return kind === null ? null : takeNamed(digits, kind);
      },
    });
  }

  /** JSON in a string of JSON in a string …: each step needs twice the backslashes, so there are few. */
  #removeNested(value: string): string {
    if (/^\s*[[{"]/.test(value)) {
      if (!mayHoldSecret(value)) return value;
      if (parseJson(value) !== undefined) return this.#removeFromJson(value, null, "place");
    }
    return this.#removeLoose(value);
  }

  #removeLoose(text: string): string {
    return removeLooseSecrets(text, {
      named: this.#takerFrom("place"),
      seen: this.#takeSeen,
      clean: (part) => this.#removeNested(part),
    });
  }

  #takerFrom(source: SecretSource): (secret: string, kind: string) => string {
    return (secret, kind) =>
      isSecretValue(secret) ? this.#known.take(secret, kind, source) : secret;
  }

  readonly #takeSeen = this.#takerFrom("text");
  readonly #takeIdentity = this.#takerFrom("handshake");

  /** The method of a request, or of the request that this answers. Remembers those whose answers may be secret. */
  #methodOf(frame: unknown): string | null {
    if (typeof frame !== "object" || frame === null || !("id" in frame)) return null;
    const { id } = frame;
    if (typeof id !== "string") return null;
    const key = id.length <= 128 ? id : createHash("sha256").update(id).digest("hex");
    if ("method" in frame && typeof frame.method === "string") {
      if (/^(?:secrets|config)\./.test(frame.method)) this.#await(key, frame.method);
      return frame.method;
    }
    const method = this.#awaited.get(key) ?? (this.#awaitsMore ? "secrets." : null);
    this.#awaited.delete(key);
    return method;
  }

  #await(id: string, method: string): void {
    if (this.#awaited.size < MAX_AWAITED) this.#awaited.set(id, method);
    else this.#awaitsMore = true;
  }

  #redactHeaders(headers: Headers): Headers {
    const named = headers.map(
      ([name, value]) => [name, removeHeaderSecrets(name, value, this.#takeIdentity)] as const,
    );
    const redacted = named.map(([name, value]) => [name, this.#known.remove(value)] as const);
    return redacted.every(([, value], index) => value === headers[index]?.[1]) ? headers : redacted;
  }
}

/** True for `connect` and its answer, in which both sides say by what they identify themselves. */
function isHandshake(frame: unknown, method: string | null): boolean {
  if (method === "connect") return true;
  if (typeof frame !== "object" || frame === null || !("payload" in frame)) return false;
  const { payload } = frame;
  return (
    typeof payload === "object" &&
    payload !== null &&
    "type" in payload &&
    payload.type === "hello-ok"
  );
}

function changed(before: string, after: string): string | null {
  return after === before ? null : after;
}
