import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseHello, parseRefusal } from "../../src/gateway/connect.ts";
import type { FrameError, ResponseFrame } from "../../src/gateway/frame.ts";
import { newDeviceKey } from "./harness/device-key.ts";
import { type ConnectOptions, DirectClient } from "./harness/direct-client.ts";
import { type Gateway, startGateway } from "./harness/gateway.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { ALL_SCOPES, BACKEND, CLI, READ, READ_WRITE } from "./harness/identities.ts";
import { SHARED_TOKEN } from "./harness/state.ts";

const auth = { token: SHARED_TOKEN };
// Needs `operator.write` and changes nothing. (An `agent` run would: the first one keeps a Gateway busy for half a minute.)
const WRITE = ["chat.abort", { sessionKey: "agent:main:main" }] as const;

describe.each(OPENCLAW_VERSIONS)("OpenClaw %s without gw-trace", (version) => {
  const old = version === "2026.5.4";
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ version });
  });

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
  });

  async function connected(options: ConnectOptions): Promise<DirectClient> {
    const client = await DirectClient.open(gateway.url);
    const answer = await client.connect(options);
    expect(answer.error).toBeNull();
    return client;
  }

  test.each(["v2", "v3"] as const)(
    "takes a device signature %s of ours",
    async (signatureVersion) => {
      const device = newDeviceKey();
      await using client = await connected({
        client: CLI,
        scopes: ALL_SCOPES,
        auth,
        device,
        signatureVersion,
      });
      expect((await client.call(...WRITE)).error).toBeNull();
    },
  );

  test("refuses a signature over other scopes than asked", async () => {
    const device = newDeviceKey();
    await using client = await DirectClient.open(gateway.url);
    const answer = await client.connect({
      client: CLI,
      scopes: READ,
      auth,
      device,
      tamper: (params) => ({ ...params, scopes: ALL_SCOPES }),
    });
    expect(answer.error).toMatchObject({
      code: "INVALID_REQUEST",
      message: "device signature invalid",
      details: { code: "DEVICE_AUTH_SIGNATURE_INVALID", reason: "device-signature" },
    });
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: "device signature invalid" });
  });

  test.each([
    ["gateway-client/backend", BACKEND, ALL_SCOPES],
    // Only newer Gateways trust a loopback CLI without a device.
    ["cli/cli", CLI, old ? [] : ALL_SCOPES],
    ["test/test", { id: "test", mode: "test" }, []],
  ])(
    "a loopback %s without a device is granted what the rule says",
    async (_name, who, granted) => {
      await using client = await DirectClient.open(gateway.url);
      const answer = await client.connect({ client: who, scopes: ALL_SCOPES, auth });
      expect(parseHello(answer.payload)?.auth?.scopes).toEqual(granted);
      const write = await client.call(...WRITE);
      const refused = granted.length === 0;
      expect(write.error).toEqual(refused ? missingScope("operator.write") : null);
    },
  );

  function missingScope(scope: string): FrameError {
    const error = { message: `missing scope: ${scope}`, retryable: null, retryAfterMs: null };
    if (old) return { ...error, code: "INVALID_REQUEST", details: undefined };
    const details = { code: "MISSING_SCOPE", missingScope: scope, requiredScopes: [scope] };
    return { ...error, code: "FORBIDDEN", details };
  }

  test("a paired device that asks for less can do less, whatever hello-ok says", async () => {
    const device = newDeviceKey();
    await (await connected({ client: CLI, scopes: ALL_SCOPES, auth, device })).close();
    await using client = await DirectClient.open(gateway.url);
    const answer = await client.connect({ client: CLI, scopes: READ, auth, device });
    const hello = parseHello(answer.payload)?.auth?.scopes ?? [];
    // Up to 2026.6 hello-ok reports the device token's scopes, not those of the connection.
    expect([...hello].toSorted()).toEqual([...(old ? ALL_SCOPES : READ)].toSorted());
    expect((await client.call("sessions.list")).ok).toBe(true);
    const write = await client.call(...WRITE);
    expect(write.error?.message).toBe("missing scope: operator.write");
  });

  test("a paired device that asks for more needs an approval, or is upgraded silently", async () => {
    const device = newDeviceKey();
    const ask = async (scopes: readonly string[]): Promise<ResponseFrame> => {
      await using client = await DirectClient.open(gateway.url);
      return await client.connect({ client: CLI, scopes, auth, device });
    };
    expect((await ask(READ)).ok).toBe(true);
    const upgrade = await ask(READ_WRITE);
    expect(upgrade.ok).toBe(!old);
    if (upgrade.error === null) return;
    const refusal = parseRefusal(upgrade.error);
    expect(refusal).toMatchObject({
      code: "NOT_PAIRED",
      detailCode: "PAIRING_REQUIRED",
      reason: "scope-upgrade",
      requestedScopes: READ_WRITE,
      approvedScopes: READ,
    });
    await using admin = await connected({ client: BACKEND, scopes: ALL_SCOPES, auth });
    const approval = await admin.call("device.pair.approve", { requestId: refusal.requestId });
    expect(approval.error).toBeNull();
    expect((await ask(READ_WRITE)).ok).toBe(true);
  });
});
