import { type Headers, headerValue } from "../../wire/message.ts";
import type { HttpExchange, HttpHead, Script } from "../script/script.ts";
import { ownField } from "../../gateway/json-object.ts";
import { hostOf, isLoopbackAddress } from "../../gateway/address.ts";
import type { ClientLink } from "../play/player.ts";
import type { LiveRequest } from "../match/request-book.ts";

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

// A recording that nobody's HTTP parser made may hold anything.
function keptHeaders(headers: Headers): Headers {
  return headers.filter(
    ([name, value]) =>
      !OWN_HEADERS.has(name.toLowerCase()) && FIELD_NAME.test(name) && FIELD_VALUE.test(value),
  );
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

/** What is answered under a name that stands for this machine only because somebody says so, as in DNS rebinding. */
const MISDIRECTED: HttpAnswer = {
  status: 421,
  reason: "Misdirected Request",
  headers: [["Content-Type", "text/plain; charset=utf-8"]],
  body: "gw-trace replay answers under a loopback name only, such as 127.0.0.1\n",
};

const FORBIDDEN: HttpAnswer = {
  ...MISDIRECTED,
  status: 403,
  reason: "Forbidden",
  body: "gw-trace replay does not answer this Origin; --allow-origin lets it in\n",
};

/** In these words Gateways refuse an Origin, whoever the client says it is (measured on 2026.9.6; so named from 2026.3.13 on). */
const REFUSED =
  "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)";

/** Who may come at all: any program of this machine, but no web page that no recorded client came from. */
export class Visitors {
  readonly #origins: ReadonlySet<string>;

  constructor(scripts: readonly Script[], allowedOrigins: readonly string[]) {
    const recorded = scripts
      .flatMap(({ connections }) => connections)
      .flatMap(({ upgrade }) => headerValue(upgrade?.headers ?? [], "origin") ?? []);
    this.#origins = new Set([...recorded, ...allowedOrigins].map((origin) => origin.toLowerCase()));
  }

  /** How a request for another host is turned away; null for one that may be answered. */
  misdirected(headers: Headers): HttpAnswer | null {
    const host = headerValue(headers, "host");
    return host === null || isLoopbackAddress(hostOf(host)) === true ? null : MISDIRECTED;
  }

  /** How plain HTTP is turned away; null where it may be answered. */
  turnedAway(headers: Headers): HttpAnswer | null {
    return this.misdirected(headers) ?? (this.isForeign(headers) ? FORBIDDEN : null);
  }

  /** True for a web page from elsewhere: its Origin is no loopback one, was not recorded and is not allowed. */
  isForeign(headers: Headers): boolean {
    const origin = headerValue(headers, "origin");
    if (origin === null || this.#origins.has("*") || this.#origins.has(origin.toLowerCase()))
      return false;
    return !URL.canParse(origin) || isLoopbackAddress(hostOf(new URL(origin).host)) !== true;
  }
}

/** A web page from elsewhere: challenged like any client, refused at its first word, and told nothing that was recorded. */
export function greetForeignPage(
  { say, send }: ClientLink,
  nonce: string,
  nowMs: number,
): { hear(live: LiveRequest): void; stop(): void } {
  say({ type: "event", event: "connect.challenge", payload: { nonce, ts: nowMs } });
  return {
    hear: ({ id }) => {
      const details = { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason: "origin not allowed" };
      const error = { code: "INVALID_REQUEST", message: REFUSED, details };
      if (id !== null) say({ type: "res", id, ok: false, error });
      send({ type: "close", code: 1008, reason: REFUSED });
    },
    // Nothing is played to it.
    stop: () => undefined,
  };
}
