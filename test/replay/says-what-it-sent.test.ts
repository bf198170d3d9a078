import { describe, expect, test } from "vitest";
import { isJsonObject } from "../../src/gateway/json-object.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { Outcome } from "../../src/replay/verdict/compare.ts";
import type { ReplayedGatewayOptions } from "../../src/replay/serve/replayed-gateway.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { LiveClient, type ConnectOptions } from "./live-client.ts";

const READ = ["operator.read"];
const WRITE = ["operator.read", "operator.write"];
const MISSING = "missing scope: operator.write";

const backend = { client: "gateway-client/backend", scopes: READ };
const accepted = (scopes: readonly string[]) => [
  challenge(),
  connect(backend),
  helloOk({ scopes }),
];

const RECORDED: readonly (readonly [string, readonly Step[]])[] = [
  [
    "a call refused for a scope",
    [...accepted(READ), req("1", "sessions.patch"), refused("1", "INVALID_REQUEST", MISSING)],
  ],
  [
    "calls that went well",
    [...accepted(READ), req("1", "health"), ok("1"), req("2", "status"), ok("2")],
  ],
  ["a call that was never answered", [...accepted(READ), req("1", "health")]],
  [
    "a refused device",
    [
      challenge(),
      connect({ ...backend, device: "d-1" }),
      refused("connect-1", "NOT_PAIRED", "pairing required", {
        code: "PAIRING_REQUIRED",
        reason: "not-paired",
      }),
      close("gateway", 1008, "pairing required"),
    ],
  ],
];

const LIVE: readonly (readonly [string, ConnectOptions, Partial<ReplayedGatewayOptions>])[] = [
  ["as recorded", backend, {}],
  ["with more scopes", { ...backend, scopes: WRITE }, {}],
  ["with no scopes", { ...backend, scopes: [] }, {}],
  ["with a device", { ...backend, device: "d-2" }, {}],
  ["as another client", { client: "cli/cli", scopes: WRITE }, {}],
  ["as a node", { ...backend, role: "node" }, {}],
  ["from afar", backend, { assume: { peer: "remote" } }],
  ["with a wrong token", backend, { assume: { token: "another" } }],
];

const METHODS = ["health", "sessions.patch", "status", "config.set", "no.such.method"];

/** How an answer looks in a verdict; null for one that is the replay's own. */
function outcomeOf(answer: unknown) {
  const { ok: isOk, error } = isJsonObject(answer) ? answer : { ok: undefined, error: undefined };
  if (!isJsonObject(error)) return { ok: isOk, errorCode: null, errorMessage: null };
  if (error["code"] === "UNAVAILABLE") return null;
  return { ok: false, errorCode: error["code"], errorMessage: error["message"] };
}

function pick(outcome: Outcome | null | undefined) {
  if (!outcome) return null;
  const { ok: isOk, errorCode, errorMessage } = outcome;
  return { ok: isOk, errorCode, errorMessage };
}

describe.each(RECORDED)("%s", (_, steps) => {
  test.each(LIVE)("asked for %s: the verdict says what was sent", async (__, who, options) => {
    await using replay = await startReplayedGateway({
      scripts: [buildScript("recorded", numbered(conversation({}, ...steps)))],
      maxWaitMs: 20,
      ...options,
    });
    await using client = new LiveClient(replay.url);
    const hello = await client.connect(who);
    const ids = hello["ok"] === true ? METHODS.map((method) => client.ask(method)) : [];
    // Answers come in the order of the requests, so the last one's is the last; an unanswered one has none.
    await client.frame(({ id }) => id === (ids.at(-1) ?? hello["id"]));
    const verdict = replay.verdict();
    const [connection] = verdict.connections;
    const rpcs = connection?.rpcs.filter(({ as }) => as !== "never") ?? [];
    expect(rpcs.map(({ method }) => method)).toEqual(METHODS.slice(0, ids.length));
    const answers = ids.map((id) => client.frames.find((frame) => frame["id"] === id));
    const sent = [hello, ...answers].map((answer) => answer && outcomeOf(answer));
    const told = [connection, ...rpcs];
    // Nothing is told of silence, nor where the replay spoke for itself; and there it says that it does not know.
    expect(told.map((one) => pick(one?.replayed))).toEqual(sent.map((one) => one ?? null));
    expect(told.map((one, at) => sent[at] === null && one?.grade)).toEqual(sent.map((one) => one === null && "unknown")); // prettier-ignore
    const asRecorded = told.filter((one) => one?.grade === "recorded" && one.replayed);
    expect(asRecorded.map((one) => pick(one?.recorded))).toEqual(asRecorded.map((one) => pick(one?.replayed))); // prettier-ignore
    const isUnknown = told.some((one) => one?.grade === "unknown");
    expect(verdict.outcome === "cannot-tell").toBe(isUnknown);
  });
});
