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
