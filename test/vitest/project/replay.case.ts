import { expect, test } from "vitest";
import { replayGateway } from "../../../src/vitest.ts";
import { LiveClient } from "../../replay/live-client.ts";

const path = process.env["CASE_RECORDING"] ?? "";

async function call(url: string, ...methods: readonly string[]): Promise<unknown> {
  await using client = new LiveClient(url);
  await client.connect({ scopes: ["operator.read"] });
  const answers: unknown[] = [];
  for (const method of methods) answers.push((await client.call(method))["ok"]);
  return answers;
}

test("uses all", async () => {
  await using gateway = await replayGateway(path);
  expect(await call(gateway.url, "health", "status")).toEqual([true, true]);
});

test("uses a part", async () => {
  await using gateway = await replayGateway(path);
  expect(await call(gateway.url, "health")).toEqual([true]);
});

test("uses a part and may", async () => {
  await using gateway = await replayGateway(path, { allowUnused: true });
  expect(await call(gateway.url, "health")).toEqual([true]);
});

test("uses a part and never closes", async () => {
  const gateway = await replayGateway(path);
  expect(await call(gateway.url, "health")).toEqual([true]);
});

test("uses a part and fails by itself", async () => {
  await using gateway = await replayGateway(path);
  expect(await call(gateway.url, "health")).toEqual([true]);
  expect(gateway).toSucceed("status");
});

test.concurrent.for(["health", "status"])(
  "uses %s, concurrently",
  async (method, { onTestFinished }) => {
    await using gateway = await replayGateway(path, { onTestFinished });
    expect(await call(gateway.url, method)).toEqual([true]);
  },
);
