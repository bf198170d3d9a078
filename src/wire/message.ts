/** Who sent something. */
export type Side = "client" | "gateway";

/** One whole WebSocket message (RFC 6455, section 5.6) or control frame (section 5.5), unmasked and inflated. */
export type Message =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "binary"; readonly bytes: Uint8Array }
  | { readonly type: "ping"; readonly bytes: Uint8Array }
  | { readonly type: "pong"; readonly bytes: Uint8Array }
  /** `code` is null when the close frame had no body (RFC 6455, section 7.1.5: then the code is 1005). */
  | { readonly type: "close"; readonly code: number | null; readonly reason: string };

/** What an HTTP body holds, its content codings undone. */
export type BodyContent = Extract<Message, { readonly type: "text" | "binary" }>;

/** HTTP header fields in the order and spelling in which they came, repeats included. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** The value of the first header of that name (any letter case), or null. */
export function headerValue(headers: Headers, name: string): string | null {
  const wanted = name.toLowerCase();
  for (const [key, value] of headers) if (key.toLowerCase() === wanted) return value;
  return null;
}
