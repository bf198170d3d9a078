import type { Headers } from "../../wire/message.ts";
import type { HttpExchange, HttpHead } from "../script/script.ts";
import { ownField } from "../../gateway/json-object.ts";

/** A whole answer to a plain HTTP call. */
export interface HttpAnswer extends HttpHead {
  readonly body: string;
}

/** What Gateways answer to the probes that supervisors and the 2026.9 CLI send before they connect. */
const PROBES: Readonly<Record<string, object>> = {
  "/health": { ok: true, status: "live" },
  "/healthz": { ok: true, status: "live" },
  "/ready": { ready: true },
  "/readyz": { ready: true },
  "/startupz": { ok: true, status: "started" },
};

/** Length, coding and connection handling are the replay's own: bodies are recorded without them, or not at all. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

/**
 * Answers plain HTTP calls: with the recorded head, and the body where it was recorded, each in recorded order and the last one for
 * ever; probes as any Gateway that is up; everything else is not found.
 */
export class PlainHttp {
  readonly #recorded = new Map<string, HttpExchange[]>();

  constructor(exchanges: readonly HttpExchange[]) {
    for (const exchange of exchanges) {
      const key = `${exchange.method} ${exchange.target}`;
      const known = this.#recorded.get(key);
      if (!isSayable(exchange.response)) continue;
      if (known === undefined) this.#recorded.set(key, [exchange]);
      else known.push(exchange);
    }
  }

  /** The answer to one call. */
  answer(method: string, target: string): HttpAnswer {
    const recorded = this.#recorded.get(`${method} ${target}`);
    const next = recorded !== undefined && recorded.length > 1 ? recorded.shift() : recorded?.[0];
    const head = next?.response;
    if (next !== undefined && next.body !== null) {
      return { ...next.response, headers: keptHeaders(next.response.headers), body: next.body };
    }
    const probe = ownField(PROBES, target.split("?")[0] ?? "");
    const { status } = head ?? { status: probe === undefined ? 404 : 200 };
    if (probe !== undefined && status === 200) return json(status, probe, head?.headers ?? []);
    if (head !== undefined) return withoutBody(head);
    const message = `gw-trace replay: ${method} ${target} is not in the recording`;
    return json(404, { error: { type: "replay_unmatched", message } }, []);
  }
}

/** A recorded answer as far as it can be given again: its body was not recorded, and the answer says so. */
export function withoutBody(head: HttpHead): HttpAnswer {
  const headers = [...keptHeaders(head.headers), ["X-Gw-Trace", "body not recorded"] as const];
  return { ...head, headers, body: "" };
}

function keptHeaders(headers: Headers): Headers {
  return headers.filter(
    ([name, value]) => !OWN_HEADERS.has(name.toLowerCase()) && isField(name, value),
  );
}

// A recording that nobody's HTTP parser made may hold anything.
function isField(name: string, value: string): boolean {
  return FIELD_NAME.test(name) && FIELD_VALUE.test(value);
}

/** True for the head of a final answer that can be sent (RFC 9112, section 4; RFC 9110, section 15). */
function isSayable({ status, reason }: HttpHead): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599 && FIELD_VALUE.test(reason);
}

const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function json(status: number, body: object, recorded: Headers): HttpAnswer {
  const headers = keptHeaders(recorded).filter(([name]) => name.toLowerCase() !== "content-type");
  return {
    status,
    reason: "",
    headers: [...headers, ["Content-Type", "application/json; charset=utf-8"]],
    body: JSON.stringify(body),
  };
}
