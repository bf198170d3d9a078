import { expect, test } from "vitest";
import { replayGateway } from "../../../src/vitest.ts";
import { LiveClient } from "../../replay/live-client.ts";

const path = process.env["CASE_RECORDING"] ?? "";

async function call(url: string): Promise<void> {
  await using client = new LiveClient(url);
  await client.connect({ scopes: ["operator.read"] });
  await client.call("health");
}

test("passes", async () => {
  await using gateway = await replayGateway(path);
  await call(gateway.url);
  expect(gateway).toSucceed("health");
});

test("fails", async () => {
  await using gateway = await replayGateway(path);
  await call(gateway.url);
  expect(gateway).toSucceed("agent");
});

test("connects nobody", async () => {
  await using gateway = await replayGateway(path);
  expect(gateway.url).toMatch(/^ws:/);
});
