import { parseJsonObject } from "../../gateway/json-object.ts";
import type { LiveRequest } from "./request-book.ts";

/** Reads what a live client said; without an id and a method when it is no request frame. */
export function parseRequest(text: string): LiveRequest {
  const { type, id, method, params } = parseJsonObject(text) ?? {};
  return type === "req" && typeof id === "string" && typeof method === "string"
    ? { id, method, params, text }
    : { id: null, method: null, params: undefined, text };
}
