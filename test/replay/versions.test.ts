import { readFileSync } from "node:fs";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { gunzipSync } from "node:zlib";
import { decodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import { deviceIdOf, signDevice, type DeviceKey } from "../../src/gateway/device.ts";
import type { JsonObject } from "../../src/gateway/json-object.ts";
import type { Assumptions } from "../../src/replay/derive/world.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import type { Script } from "../../src/replay/script/script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { LiveClient } from "./live-client.ts";

import path from "node:path";

/*
 * Recordings of OpenClaw versions that were not measured, or not whole. Beside each stands what the real Gateway of that version does
 * with the client that is played here: the replay says the same, or that it does not know.
 */

const FOLDER = path.join(import.meta.dirname, "versions");

function scriptOf(name: string): Script {
  const packed = readFileSync(path.join(FOLDER, `${name}.jsonl.gz`));
  const lines = gunzipSync(packed).toString("utf8").trimEnd().split("\n");
  // The first line is the header and the last one the end.
  const entries = lines.slice(1, -1).map((line, index) => {
    const decoded = decodeEntryLine(JSON.parse(line));
    if (!decoded.ok) throw new Error(decoded.why);
    return { ...decoded.entry, entry: index + 1 };
  });
  return buildScript(name, entries);
}

interface Client {
  readonly client?: string;
  readonly scopes: readonly string[];
  readonly protocol?: readonly [number, number];
  readonly hasDevice?: boolean;
  readonly calls?: readonly (readonly [method: string, params: unknown])[];
}

/** Plays one client, and what it was answered: to `connect` and to each call; null where the connection ended without. */
async function play(name: string, asked: Client, assume: Assumptions = {}) {
  await using gateway = await startReplayedGateway({ scripts: [scriptOf(name)], assume });
  await using client = new LiveClient(gateway.url);
  const { payload } = await client.event("connect.challenge");
  const hello = await client.call("connect", paramsOf(asked, String(Object(payload).nonce)));
  const answers: JsonObject[] = [];
  for (const [method, params] of hello["ok"] === true ? (asked.calls ?? []) : []) {
    answers.push(await client.call(method, params));
  }
  await client.close();
  return { hello, answers, verdict: gateway.verdict() };
}

function paramsOf({ client = "cli/cli", scopes, protocol = [3, 4], hasDevice }: Client, nonce: string) {
  const [id = "", mode = ""] = client.split("/");
  const connect = {
    minProtocol: protocol[0],
    maxProtocol: protocol[1],
    client: { id, mode, version: "gwt-1", platform: "linux" },
    role: "operator",
    scopes,
    caps: [],
    auth: { token: "any" },
  };
  if (hasDevice !== true) return connect;
  const device = signDevice(KEY, connect, { nonce, signedAtMs: Date.now() });
  return { ...connect, device };
} // prettier-ignore

const KEY = newKey();

function newKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = rawOf(publicKey).toString("base64url");
  return { id: deviceIdOf(raw) ?? "", publicKey: raw, privateKey };
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" }).subarray(-32);
}

const READ = ["operator.read"];
const READ_WRITE = ["operator.read", "operator.write"];
const BACKEND = "gateway-client/backend";
const LIST = ["sessions.list", { limit: 1 }] as const;
const AGENT = ["agent", { message: "hi", sessionKey: "agent:main:main", idempotencyKey: "k" }] as const; // prettier-ignore
const PATCH = ["sessions.patch", { key: "agent:main:main", label: "x" }] as const;
const SECRETS = ["talk.config", { includeSecrets: true }] as const;

interface Case {
  readonly name: string;
  readonly client: Client;
  readonly assume?: Assumptions;
  /** What the real Gateway answers: `ok`, or the message of the error. First `connect`, then each call. */
  readonly real: readonly string[];
  /** What of it the replay knows, by what the recording shows and by the rules around that version. */
  readonly known: number;
}

const APPROVED: Assumptions = { devices: READ };
const UPGRADE: Client = { hasDevice: true, scopes: READ_WRITE, calls: [LIST, AGENT] };
const DEVICELESS: Client = { scopes: READ_WRITE, calls: [LIST, AGENT] };
const PATCHING: Client = { client: BACKEND, scopes: READ_WRITE, calls: [PATCH] };
const NEEDS_APPROVAL = "pairing required: device is asking for more scopes than currently approved";

const CASES: readonly Case[] = [
  // More scopes on a paired device: granted silently on some versions only.
  { name: "4.14-upgrade", client: UPGRADE, assume: APPROVED, real: [NEEDS_APPROVAL], known: 0 },
  { name: "8.2-upgrade", client: UPGRADE, assume: APPROVED, real: ["ok", "ok", "ok"], known: 0 },
  // The recording shows that this client keeps its scopes without a device; a version before does not let it.
  { name: "7.35-clidevless", client: DEVICELESS, real: ["ok", "ok", "ok"], known: 3 },
  { name: "8.2-clidevless", client: DEVICELESS, real: ["ok", "ok", "ok"], known: 3 },
  // The recording shows what the method needs; a version before needs more. What it answers is not recorded.
  { name: "7.35-patch", client: PATCHING, real: ["ok", "ok"], known: 1 },
  { name: "8.2-patch", client: PATCHING, real: ["ok", "ok"], known: 1 },
  // What the method needs depends on its params.
  {
    name: "6.11-secrets",
    client: { client: BACKEND, scopes: READ, calls: [SECRETS] },
    real: ["ok", "missing scope: operator.talk.secrets"],
    known: 2,
  },
  // The recording shows another protocol than the version before speaks.
  {
    name: "5.28-base",
    client: { client: BACKEND, scopes: READ, protocol: [4, 4], calls: [LIST] },
    real: ["ok", "ok"],
    known: 2,
  },
  {
    name: "5.28-base",
    client: { client: BACKEND, scopes: READ, protocol: [3, 3], calls: [LIST] },
    real: ["protocol mismatch"],
    known: 0,
  },
];

describe.each(CASES)("$name asked for $client.scopes", ({ name, client, assume, real, known }) => {
  test("is answered as by the real one, or that it is not known", async () => {
    const { hello, answers, verdict } = await play(name, client, assume);
    const told = [hello, ...answers].map(tell);
    expect(told.filter((one, index) => one !== "unknown" && one !== real[index])).toEqual([]);
    expect(told.filter((one) => one !== "unknown")).toHaveLength(known);
    const isFixed = verdict.outcome === "fixed";
    expect(isFixed && known < real.length).toBe(false);
  });
});

test("says once whose rules were applied", async () => {
  const { verdict } = await play("8.2-clidevless", DEVICELESS);
  expect(verdict.rules).toEqual([
    "OpenClaw 2026.8.2 has not been measured; rules that 2026.6.11 and 2026.9.6 share",
  ]);
});

function tell({ ok, error }: JsonObject): string {
  if (ok === true) return "ok";
  const { message, details } = Object(error);
  return String(Object(details).code).startsWith("REPLAY_") ? "unknown" : String(message);
}
