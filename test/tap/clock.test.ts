import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { readTrace } from "../../src/trace/read.ts";
import { readAll, sampleHeader, temporaryFolder } from "../recording/sample.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "../wire/frames.ts";
import { collect, startBench, until } from "./harness.ts";

const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

test("a wall clock that is set back and forth moves no entry: what counts is the clock that only goes on", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_795_403_421_000 });
  await using bench = await startBench();
  const { client, gateway } = await bench.pair();
  const atClient = collect(client);
  const atGateway = collect(gateway);
  let sent = UPGRADE_REQUEST.length;
  client.write(UPGRADE_REQUEST);
  await until(() => atGateway.size() === sent);
  const response = upgradeResponse();
  gateway.write(response);
  await until(() => atClient.size() === response.length);
  const steps = [0, -HOUR_MS, 2 * HOUR_MS, -HOUR_MS, 1];
  for (const [index, stepMs] of steps.entries()) {
    vi.setSystemTime(Date.now() + stepMs);
    const method = index === 0 ? "connect" : "health";
    const bytes = frame(JSON.stringify({ type: "req", id: `${index}`, method, params: {} }), {
      masked: true,
    });
    client.write(bytes);
    sent += bytes.length;
    await until(() => atGateway.size() === sent);
    gateway.write(frame(JSON.stringify({ type: "res", id: `${index}`, ok: true, payload: {} })));
    await until(() => bench.entries.length === 5 + index * 2);
  }
  client.end();
  gateway.end();
  await bench.closed();
  const path = join(await temporaryFolder(), "a.gwtrace");
  await using writer = await createRecording(path, sampleHeader);
  for (const { entry: _, ...entry } of bench.entries) writer.append(entry);
  await writer.close();

  await using reader = await openRecording(path);
  const entries = await readAll(reader);
  expect(reader.missing).toEqual([]);
  expect(entries.map(({ entry }) => entry)).toEqual(bench.entries.map((_entry, i) => i + 1));
  const times = entries.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const walls = new Set(entries.map(({ wallMs }) => wallMs - 1_795_403_421_000));
  expect([...walls]).toEqual([0, -HOUR_MS, HOUR_MS, 1]);
  const trace = await readTrace(reader);
  const { rpcs, oddities } = trace.connections[0] ?? { rpcs: [], oddities: null };
  expect(rpcs).toHaveLength(4);
  for (const { durationMs } of rpcs) expect(durationMs).toBeLessThan(HOUR_MS / 2);
  expect(oddities).toEqual([]);
  expect(diagnose([trace]).map(({ code }) => code)).not.toContain("slow-call");
});
