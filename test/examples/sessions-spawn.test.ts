import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { replayGateway } from "../../src/vitest.ts";
import { runAgent, type Device } from "./agent-client.ts";

// Made with `gw-trace record` before a Gateway bound to 100.64.0.5, which sees its own calls come from there.
const RECORDING = new URL("../../recordings/sessions-spawn-77807.gwtrace", import.meta.url);

// What the recording cannot show, since nobody sent a device in it: this one was approved beforehand.
const APPROVED = { devices: ["operator.write"] };

test("an agent starts on a Gateway that is not on loopback (#77807)", async () => {
  await using gateway = await replayGateway(RECORDING, { assume: APPROVED, allowUnused: true });
  const answer = await runAgent(gateway.url, "any token", "say hi", newDevice());
  expect(answer).toMatchObject({ status: "accepted" });
  expect(gateway).toBeGranted("operator.write");
  expect(gateway).toSucceed("agent");
  expect(gateway).not.toHaveFinding("missing-scope");
  expect(gateway).toBeFixed();
});

test("without a device it fails as it did", async () => {
  await using gateway = await replayGateway(RECORDING, { allowUnused: true });
  const running = runAgent(gateway.url, "any token", "say hi");
  await expect(running).rejects.toThrow("missing scope: operator.write");
  expect(gateway).not.toBeGranted("operator.write");
  expect(gateway).toHaveFinding("missing-scope-dropped");
});

function newDevice(): Device {
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" }).x ?? "";
  const id = createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex");
  return { id, publicKey, privateKey };
}
