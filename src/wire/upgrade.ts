import { extension } from "ws";
import { headerValue } from "./message.ts";
import type { Headers } from "./message.ts";

/** What a 101 response switches to (RFC 9110, section 15.2.2). */
export type SwitchedProtocol =
  | { readonly type: "websocket"; readonly deflate: object | null }
  | { readonly type: "other"; readonly reason: string };

/** True when a request asks for another protocol on this connection. */
export function asksForUpgrade(headers: Headers): boolean {
  return headerValue(headers, "upgrade") !== null;
}

/** Reads the headers of a 101 response: the protocol, and what permessage-deflate was agreed on (RFC 7692). */
export function switchedProtocol(headers: Headers): SwitchedProtocol {
  const protocol = headerValue(headers, "upgrade") ?? "an unnamed protocol";
  if (protocol.toLowerCase() !== "websocket") {
    return { type: "other", reason: `switched to ${protocol}` };
  }
  const header = headers
    .filter(([name]) => name.toLowerCase() === "sec-websocket-extensions")
    .map(([, value]) => value)
    .join(", ");
  if (header === "") return { type: "websocket", deflate: null };
  try {
    const agreed = extension.parse(header);
    return { type: "websocket", deflate: agreed["permessage-deflate"]?.[0] ?? null };
  } catch {
    return { type: "other", reason: `unreadable WebSocket extensions: ${header}` };
  }
}
