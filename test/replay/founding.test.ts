import { generateKeyPairSync, createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type DeviceKey, signDevice } from "../../src/gateway/device.ts";
import { isJsonObject, type JsonObject } from "../../src/gateway/json-object.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import type { Assumptions } from "../../src/replay/derive/world.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { Script } from "../../src/replay/script/script.ts";
import type { Verdict } from "../../src/replay/verdict/verdict.ts";
import { LiveClient } from "./live-client.ts";

const SCOPES = ["operator.write"];

async function scriptOf(name: string): Promise<Script> {
  const path = fileURLToPath(new URL(`../../recordings/${name}.gwtrace`, import.meta.url));
  await using reader = await openRecording(path);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return buildScript(name, entries, reader.header.assumedPeer);
}

/** The Gateway's call to itself, with or without a device identity: OpenClaw #77807 before a fix and after. */
async function callAgent(
  device: DeviceKey | null,
  assume: Assumptions = {},
): Promise<{
  readonly hello: JsonObject;
  readonly answer: JsonObject | null;
  readonly verdict: Verdict;
}> {
  // Its second connection, the clean-up after the failure, is never opened here: what only failed need not come again.
  const script = await scriptOf("sessions-spawn-77807");
  const evidence = [await scriptOf("direct-agent-control")];
  await using replay = await startReplayedGateway({ scripts: [script], evidence, assume });
  await using live = new LiveClient(replay.url);
  const { payload } = await live.event("connect.challenge");
  const nonce = isJsonObject(payload) ? String(payload["nonce"]) : "";
  const [connect, agent] = script.connections[0]?.requests ?? [];
  const recorded: JsonObject = isJsonObject(connect?.params) ? connect.params : {};
  const client = { id: "gateway-client", mode: "backend", platform: "linux" };
  const signed = { client, role: "operator", scopes: SCOPES, auth: { token: "shared" } };
  const proof =
    device === null
      ? {}
      : { device: signDevice(device, signed, { nonce, signedAtMs: Date.now() }) };
  const hello = await live.call("connect", {
    ...recorded,
    ...signed,
    client: { ...client, version: "2026.5.4" },
    ...proof,
  });
  const answer =
    hello["ok"] === true
      ? await live.call("agent", { ...Object(agent?.params), idempotencyKey: "mine" })
      : null;
  return { hello, answer, verdict: replay.verdict() };
}

function newDevice(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
  const id = createHash("sha256").update(raw).digest("hex");
  return { id, publicKey: raw.toString("base64url"), privateKey };
}

describe("#77807 on 2026.5.4", () => {
  it("fails again the same way for the client as it was", async () => {
    const { answer, verdict } = await callAgent(null);
    expect(answer).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: "missing scope: operator.write" },
    });
    expect(verdict.connections[0]).toMatchObject({ as: "same", grade: "recorded" });
    expect(verdict.wrong).toContain(
      "still failing: agent on connection 1: missing operator.write (recorded)",
    );
  });

  it("is fixed by a device identity that is paired for what it asks", async () => {
    const { hello, answer, verdict } = await callAgent(newDevice(), { devices: SCOPES });
    // What hello-ok tells are the scopes of the device token, which are written out when the device is approved.
    expect(hello).toMatchObject({
      payload: { auth: { scopes: ["operator.read", "operator.write"] } },
    });
    expect(answer).toMatchObject({ ok: true, payload: { runId: "mine", status: "accepted" } });
    expect(verdict).toMatchObject({
      outcome: "fixed",
      conclusion:
        "fixed: agent on connection 1 was refused (missing operator.write), now allowed (derived: direct-agent-control, connection 1)",
    });
    expect(verdict.connections[0]).toMatchObject({
      grade: "derived",
      scopes: { before: [], after: SCOPES },
      source: expect.stringContaining("rules of OpenClaw 2026.5.4, its device assumed paired"),
    });
  });

  it("is not fixed by a device that nobody paired: the Gateway sees a remote peer", async () => {
    const { verdict } = await callAgent(newDevice(), { devices: "unpaired" });
    expect(verdict.connections[0]?.replayed).toMatchObject({
      ok: false,
      errorCode: "NOT_PAIRED",
      errorMessage: "pairing required: device is not approved yet",
    });
    expect(verdict.outcome).toBe("different");
  });

  it("cannot be told when nobody says how the device stands", async () => {
    const { verdict } = await callAgent(newDevice());
    expect(verdict.outcome).toBe("cannot-tell");
    expect(verdict.connections[0]?.missing).toContain("--assume paired=");
  });

  it("is fixed without a device where the peer is local", async () => {
    const { verdict } = await callAgent(null, { peer: "local" });
    expect(verdict.outcome).toBe("fixed");
  });
});
