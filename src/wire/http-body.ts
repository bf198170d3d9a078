import { headerValue } from "./message.ts";
import type { Headers } from "./message.ts";
import type { RequestHead, ResponseHead } from "./http-head.ts";

/** A body whose end can be found (RFC 9112, section 6.3). */
export type SkippableBody =
  | { readonly type: "length"; readonly sizeBytes: number }
  | { readonly type: "chunked" }
  | { readonly type: "until-close" };

/** How the end of an HTTP body is found. */
export type BodyFraming =
  | SkippableBody
  /** What follows is no HTTP any more. */
  | { readonly type: "tunnel" }
  | { readonly type: "invalid"; readonly reason: string };

const NO_BODY: BodyFraming = { type: "length", sizeBytes: 0 };

/** How the body after this request head ends. */
export function requestBody(head: RequestHead): BodyFraming {
  const framing = declaredBody(head.headers);
  if (framing === null) return NO_BODY;
  return framing.type === "until-close"
    ? { type: "invalid", reason: "HTTP request with a transfer coding other than chunked" }
    : framing;
}

/** How the body after this response head ends; `method` is that of the request it answers, null when none was seen. */
export function responseBody(head: ResponseHead, method: string | null): BodyFraming {
  const { status, headers } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return NO_BODY;
  if (method === "CONNECT" && status < 300) return { type: "tunnel" };
  return declaredBody(headers) ?? { type: "until-close" };
}

function declaredBody(headers: Headers): BodyFraming | null {
  const codings = valuesOf(headers, "transfer-encoding");
  if (codings.length > 0) {
    return codings.at(-1)?.toLowerCase() === "chunked"
      ? { type: "chunked" }
      : { type: "until-close" };
  }
  if (headerValue(headers, "content-length") === null) return null;
  const [length, ...repeats] = new Set(valuesOf(headers, "content-length"));
  if (length === undefined || repeats.length > 0 || !/^[0-9]{1,15}$/.test(length)) {
    return { type: "invalid", reason: "HTTP head with an invalid content-length" };
  }
  return { type: "length", sizeBytes: Number(length) };
}

function valuesOf(headers: Headers, name: string): string[] {
  return headers
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value.split(","))
    .map((value) => value.trim());
}

/** What one chunk of bytes did to a body. */
export interface SkipResult {
  /** How many of the bytes belong to the body. */
  readonly taken: number;
  readonly state: "more" | "whole" | "invalid";
}

/** Hears the bytes of a body, without the framing of chunks. */
export type BodyListener = (bytes: Uint8Array) => void;

/** Walks over an HTTP body without keeping it. */
export interface BodySkipper {
  skip(bytes: Uint8Array): SkipResult;
}

/** Makes the skipper for a framing that is neither a tunnel nor invalid. */
export function createBodySkipper(
  framing: SkippableBody,
  onData: BodyListener | null = null,
): BodySkipper {
  switch (framing.type) {
    case "length":
      return skipLength(framing.sizeBytes, onData);
    case "chunked":
      return new ChunkedSkipper(onData);
    case "until-close":
      return skipLength(Infinity, onData);
  }
}

function skipLength(sizeBytes: number, onData: BodyListener | null): BodySkipper {
  let left = sizeBytes;
  return {
    skip(bytes) {
      const taken = Math.min(left, bytes.length);
      left -= taken;
      onData?.(bytes.subarray(0, taken));
      return { taken, state: left === 0 ? "whole" : "more" };
    },
  };
}

const LF = 10;
const CR = 13;
const SEMICOLON = 59;
const MAX_CHUNK_BYTES = 2 ** 48;

/** RFC 9112, section 7.1: size line, data, line end, and so on until a size of 0, then trailer lines. */
class ChunkedSkipper implements BodySkipper {
  readonly #onData: BodyListener | null;
  #state: "size" | "extension" | "data" | "data-end" | "trailer" = "size";
  #chunkBytes = 0;
  #digits = 0;
  #lineIsEmpty = true;

  constructor(onData: BodyListener | null) {
    this.#onData = onData;
  }

  skip(bytes: Uint8Array): SkipResult {
    let i = 0;
    while (i < bytes.length) {
      if (this.#state === "data") {
        const step = Math.min(this.#chunkBytes, bytes.length - i);
        this.#chunkBytes -= step;
        this.#onData?.(bytes.subarray(i, i + step));
        i += step;
        if (this.#chunkBytes === 0) this.#state = "data-end";
        continue;
      }
      const outcome = this.#byte(bytes[i] ?? 0);
      i++;
      if (outcome !== "more") return { taken: i, state: outcome };
    }
    return { taken: i, state: "more" };
  }

  #byte(byte: number): SkipResult["state"] {
    switch (this.#state) {
      case "size":
      case "extension":
        return this.#sizeLine(byte);
      case "data":
      case "data-end":
        if (byte === LF) this.#state = "size";
        return byte === LF || byte === CR ? "more" : "invalid";
      case "trailer":
        if (byte === LF && this.#lineIsEmpty) return "whole";
        if (byte !== CR) this.#lineIsEmpty = byte === LF;
        return "more";
    }
  }

  #sizeLine(byte: number): SkipResult["state"] {
    if (byte === LF) return this.#sizeEnds();
    if (byte === CR || this.#state === "extension") return "more";
    if (byte === SEMICOLON || byte === 32 || byte === 9) {
      this.#state = "extension";
      return "more";
    }
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) return "invalid";
    this.#chunkBytes = this.#chunkBytes * 16 + digit;
    this.#digits++;
    return this.#chunkBytes > MAX_CHUNK_BYTES ? "invalid" : "more";
  }

  #sizeEnds(): SkipResult["state"] {
    if (this.#digits === 0) return "invalid";
    this.#state = this.#chunkBytes === 0 ? "trailer" : "data";
    this.#digits = 0;
    return "more";
  }
}
