import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { verifyDevice, type DeviceProof } from "../../src/gateway/device.ts";
import type { JsonObject } from "../../src/gateway/json-object.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import {
  createConnectPreparer,
  newDeviceKey,
  parseDeviceIdentity,
} from "../../src/replay/client/prepare-connect.ts";
import { type SendRules, playClient } from "../../src/replay/client/play-client.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { startScriptedGateway, type Answer, type Asked } from "../support/scripted-gateway.ts";

const SCOPES = ["operator.read", "operator.write"];

function steps(...said: readonly Step[]): readonly NewEntry[] {
  return conversation(
    {},
    challenge(),
    connect({ scopes: SCOPES, device: "d-1" }),
    helloOk(),
    ...said,
  );
}

function hello(version = "2026.5.4"): Answer {
  const server = { version };
  return {
    payload: { type: "hello-ok", protocol: 3, server, auth: { role: "operator", scopes: SCOPES } },
  };
}

interface Play {
  readonly recorded: readonly NewEntry[];
  readonly sendRules?: Partial<SendRules>;
  readonly answer?: (asked: Asked) => Answer;
  readonly token?: string;
}

/** Plays recorded clients to a scripted Gateway, as to a real one. */
async function play({ recorded, sendRules = {}, answer, token = "live-token" }: Play) {
  await using gateway = await startScriptedGateway(
    (asked) => answer?.(asked) ?? (asked.method === "connect" ? hello() : { payload: {} }),
  );
  const played = await playClient({
    entries: numbered(recorded),
    url: gateway.url,
    maxWaitMs: 2000,
    eventWaitMs: 20,
    prepareConnect: createConnectPreparer({
      credentials: token === "" ? {} : { token },
      device: null,
      nowMs: () => Date.now(),
    }),
    sendRules: { recordedVersion: "2026.5.4", allowWrites: false, ...sendRules },
  });
  return { ...played, asked: [...gateway.asked], methods: [...gateway.methods] };
}

const proofSchema = z.object({
  id: z.string(),
  publicKey: z.string(),
  signature: z.string(),
  signedAt: z.number(),
  nonce: z.string(),
});

function deviceIn(params: JsonObject | undefined): DeviceProof {
  return proofSchema.parse(params?.["device"]);
}

describe("a recorded client before a real Gateway", () => {
  test("proves its device for the live challenge, with the live credential", async () => {
    const { asked } = await play({ recorded: steps() });
    const params = asked[0]?.params;
    expect(params).toMatchObject({ scopes: SCOPES, auth: { token: "live-token" } });
    const device = deviceIn(params);
    expect(device.nonce).toBe("nonce-1");
    const client = { id: "cli", mode: "cli", platform: "linux" };
    const signed = { client, role: "operator", scopes: SCOPES, auth: { token: "live-token" } };
    const now = { nonce: "nonce-1", nowMs: Date.now() };
    expect(verifyDevice(device, signed, now)).toEqual({ ok: true, version: "v3" });
  });

  test("signs nothing where it had no device, and gives no credential where it had none", async () => {
    const recorded = conversation(
      {},
      challenge(),
      connect({ scopes: SCOPES, auth: {} }),
      helloOk(),
    );
    const { asked } = await play({ recorded });
    expect(asked[0]?.params).not.toHaveProperty("device");
    expect(asked[0]?.params).not.toHaveProperty("auth");
  });

  test("never sends a placeholder of a credential", async () => {
    const { asked } = await play({ recorded: steps(), token: "" });
    expect(JSON.stringify(asked)).not.toContain("redacted");
  });

  test("is one device on all its connections, and another client another", async () => {
    const [one, two, other] = ["d-1", "d-1", "d-2"].map((device, index) =>
      conversation(
        { connection: index + 1, startMs: index * 100 },
        challenge(),
        connect({ scopes: SCOPES, device }),
        helloOk(),
      ),
    );
    const { asked } = await play({ recorded: [...(one ?? []), ...(two ?? []), ...(other ?? [])] });
    const ids = asked.map(({ params }) => deviceIn(params).id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test("sends what only reads, and says what it holds back and why", async () => {
    const recorded = steps(
      req("1", "health"),
      ok("1"),
      req("2", "agent", { message: "x" }),
      ok("2"),
      req("3", "no.such.method"),
      ok("3"),
      req("4", "sessions.list"),
      ok("4"),
    );
    const { methods, heldBack } = await play({ recorded });
    expect(methods).toEqual(["health", "sessions.list"]);
    expect(heldBack).toMatchObject([
      { connection: 1, method: "agent", why: "it may change something" },
      { connection: 1, method: "no.such.method", why: "it may change something" },
    ]);
  });

  test("sends what changes something where that is allowed", async () => {
    const recorded = steps(req("1", "agent", { message: "x" }), ok("1"));
    const { methods, heldBack } = await play({ recorded, sendRules: { allowWrites: true } });
    expect([methods, heldBack]).toEqual([["agent"], []]);
  });

  test("holds back what only read on the recorded version, and is not known to on the live one", async () => {
    const recorded = steps(
      req("1", "doctor.memory.dreamDiary"),
      ok("1"),
      req("2", "status"),
      ok("2"),
    );
    const answer = ({ method }: Asked): Answer =>
      method === "connect" ? hello("2026.2.19") : { payload: {} };
    expect((await play({ recorded, answer })).methods).toEqual(["status"]);
    expect((await play({ recorded })).methods).toEqual(["doctor.memory.dreamDiary", "status"]);
  });

  test.each(["device.scopes.requestUpgrade", "device.scopes.waitUpgrade"])(
    "holds %s back although it needs no scope",
    async (method) => {
      const recorded = steps(req("1", method), ok("1"));
      const answer = (asked: Asked): Answer =>
        asked.method === "connect" ? hello("2026.9.6") : null;
      const sendRules = { recordedVersion: "2026.9.6" };
      expect((await play({ recorded, sendRules, answer })).methods).toEqual([]);
    },
  );

  test("holds back a request that credentials were taken out of, whatever is allowed", async () => {
    const recorded = steps(req("1", "config.set", { token: "<redacted:token:1>" }), ok("1")).map(
      (entry) => (entry.kind === "message" ? { ...entry, redacted: true } : entry),
    );
    const { methods, heldBack } = await play({ recorded, sendRules: { allowWrites: true } });
    expect(methods).toEqual([]);
    expect(heldBack).toMatchObject([{ why: "credentials were taken out of its params" }]);
  });

  test("makes idempotency keys anew: one recorded key stays one, and what is named after it follows", async () => {
    const key = "key-number-1";
    const recorded = steps(
      req("1", "agent", { idempotencyKey: key }),
      ok("1", { runId: key }),
      req("2", "agent", { idempotencyKey: key }),
      ok("2", { runId: key }),
      req("3", "agent.wait", { runId: key }),
      ok("3"),
    );
    const { asked } = await play({
      recorded,
      sendRules: { allowWrites: true },
      answer: ({ method, params }) =>
        method === "agent"
          ? { payload: { runId: params["idempotencyKey"] } }
          : method === "connect"
            ? hello()
            : { payload: {} },
    });
    const [first, second, wait] = asked.slice(1).map(({ params }) => params);
    expect(first?.["idempotencyKey"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.["idempotencyKey"]).toBe(first?.["idempotencyKey"]);
    expect(wait?.["runId"]).toBe(first?.["idempotencyKey"]);
  });

  test("asks nothing more of a Gateway that refused it", async () => {
    const { methods, connections } = await play({
      recorded: steps(req("1", "health"), ok("1")),
      answer: () => ({ error: { code: "NOT_PAIRED", message: "pairing required" } }),
    });
    expect(methods).toEqual([]);
    expect(connections).toMatchObject([
      { handshake: { refusal: { code: "NOT_PAIRED" } }, rpcs: [] },
    ]);
  });

  test("does not leave the Gateway it is given for one that the recording names", async () => {
    const recorded = steps(req("1", "health"), ok("1")).map((entry) =>
      entry.kind === "http-request"
        ? {
            ...entry,
            target: "ws://127.0.0.1:9/elsewhere?token=x",
            headers: [...entry.headers, ["Cookie", "a=b"] as const],
          }
        : entry,
    );
    const { methods } = await play({ recorded });
    expect(methods).toEqual(["health"]);
  });

  test("a request that failed in the recording may come out well", async () => {
    const recorded = steps(
      req("1", "status"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.read"),
    );
    const { connections } = await play({ recorded });
    expect(connections.at(-1)?.rpcs.at(-1)).toMatchObject({ method: "status", ok: true });
  });
});

describe("a device identity", () => {
  test("is read from OpenClaw's own file", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" });
    const key = parseDeviceIdentity(JSON.stringify({ version: 1, deviceId: "x", privateKeyPem }));
    expect(key?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(key?.publicKey ?? "", "base64url")).toHaveLength(32);
  });

  test.each([
    ["no JSON", "not JSON"],
    ["another object", "{}"],
    ["a key that is none", '{"privateKeyPem":"x"}'],
    [
      "a key of another kind",
      JSON.stringify({
        privateKeyPem: generateKeyPairSync("x25519").privateKey.export({
          type: "pkcs8",
          format: "pem",
        }),
      }),
    ],
  ])("is not made of %s", (_name, text) => {
    expect(parseDeviceIdentity(text)).toBeNull();
  });

  test("that is fresh is another each time", () => {
    expect(newDeviceKey().id).not.toBe(newDeviceKey().id);
  });
});
