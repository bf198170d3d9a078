import { parseFrame } from "../../gateway/frame.ts";
import { isTooDeep } from "../../gateway/json-object.ts";
import type { LiveRequest } from "./request-book.ts";

/** Reads what a live client said; without an id and a method when it is no request frame. */
export function parseRequest(text: string): LiveRequest {
  const parsed = isTooDeep(text) ? null : parseFrame(text);
  if (!parsed?.ok || parsed.frame.type !== "req") {
    return { id: null, method: null, params: undefined, text };
  }
  const { id, method, params } = parsed.frame;
  return { id, method, params, text };
}
