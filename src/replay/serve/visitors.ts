import { hostOf, isLoopbackAddress } from "../../gateway/address.ts";
import { headerValue, type Headers } from "../../wire/message.ts";
import type { ClientLink } from "../play/player.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { Script } from "../script/script.ts";
import type { HttpAnswer } from "./plain-http.ts";

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
export class ForeignPage {
  readonly #link: ClientLink;

  constructor(link: ClientLink, nonce: string, nowMs: number) {
    this.#link = link;
    this.#send({ type: "event", event: "connect.challenge", payload: { nonce, ts: nowMs } });
  }

  hear({ id }: LiveRequest): void {
    const details = { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason: "origin not allowed" };
    const error = { code: "INVALID_REQUEST", message: REFUSED, details };
    if (id !== null) this.#send({ type: "res", id, ok: false, error });
    this.#link.send({ type: "close", code: 1008, reason: REFUSED });
  }

  stop(): void {
    // Nothing is played to it.
  }

  #send(frame: object): void {
    this.#link.send({ type: "text", text: JSON.stringify(frame) });
  }
}
