import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openRecording } from "../../../src/recording/reader.ts";
import { DirectClient } from "../harness/direct-client.ts";
import { startGateway } from "../harness/gateway.ts";
import { gwTraceCommand } from "../harness/gw-trace.ts";
import { host } from "../harness/host.ts";
import { BACKEND, READ_WRITE } from "../harness/identities.ts";
import { OPENCLAW_VERSIONS } from "../harness/install.ts";
import { RunningProcess } from "../harness/process.ts";
import { SHARED_TOKEN } from "../harness/state.ts";
import { until } from "../harness/until.ts";

/** How long the soak lasts; `GW_TRACE_SOAK_MINUTES` says otherwise. */
const MINUTES = Number(process.env["GW_TRACE_SOAK_MINUTES"] ?? "1");
const SHORT_EVERY_MS = 400;
const LONG_LASTS_MS = 20_000;
const SAMPLE_EVERY_MS = 2000;
/** Each event of a Gateway goes to all; so many at once, and one large event is more than a tap's queue. */
const MAX_GUESTS = 20;
/** A Gateway that has too little of the processor may not answer for minutes; an answer that never comes was lost. */
const PATIENCE_MS = 600_000;
const MAX_RSS_KILOBYTES = 150_000;

interface Sample {
  readonly rssKilobytes: number;
  readonly files: number;
}

async function sample(pid: number): Promise<Sample> {
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
  const rssKilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return { rssKilobytes, files: (await readdir(`/proc/${String(pid)}/fd`)).length };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Clients that come and go, and count what they ask. */
class Crowd {
  readonly #url: string;
  readonly #guests = new Set<Promise<void>>();
  connections = 0;
  requests = 0;
  refused = 0;
  /** Upgrades that the Gateway answered with an error, as it does when it is busy. */
  turnedAway = 0;
  /** The longest that an answer was waited for. */
  slowestMs = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** One more comes, makes calls for so long, and goes. */
  send(lastsMs: number): void {
    if (this.#guests.size >= MAX_GUESTS) return;
    const visit = this.#visit(lastsMs).finally(() => this.#guests.delete(visit));
    this.#guests.add(visit);
  }

  /** Resolves when all are gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#guests);
  }

  async #visit(lastsMs: number): Promise<void> {
    this.connections += 1;
    const opened = await DirectClient.open(this.#url, {}, PATIENCE_MS).catch(() => null);
    if (opened === null) {
      this.turnedAway += 1;
      return;
    }
    await using client = opened;
    this.requests += 1;
    const auth = { token: SHARED_TOKEN };
    await this.#note(client.connect({ client: BACKEND, scopes: READ_WRITE, auth }));
    const endMs = performance.now() + lastsMs;
    do {
      this.requests += 1;
      await this.#note(client.call("sessions.list", { limit: 1 }));
      if (lastsMs > 0) await delay(SHORT_EVERY_MS);
    } while (performance.now() < endMs);
  }

  async #note(answer: Promise<{ readonly ok: boolean }>): Promise<void> {
    const askedMs = performance.now();
    const { ok } = await answer;
    if (!ok) this.refused += 1;
    this.slowestMs = Math.max(this.slowestMs, performance.now() - askedMs);
  }
}

/** Sends clients until the time is up; every minute the tap is suspended for a moment. */
async function soak(crowd: Crowd, tap: RunningProcess): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const endMs = performance.now() + MINUTES * 60_000;
  let [sampledMs, longMs, suspendedMs] = [-Infinity, -Infinity, performance.now()];
  while (performance.now() < endMs) {
    const nowMs = performance.now();
    crowd.send(0);
    if (nowMs - longMs > LONG_LASTS_MS / 4) {
      longMs = nowMs;
      crowd.send(LONG_LASTS_MS);
    }
    if (nowMs - sampledMs > SAMPLE_EVERY_MS) {
      sampledMs = nowMs;
      samples.push(await sample(tap.pid));
    }
    if (nowMs - suspendedMs > 60_000) {
      suspendedMs = nowMs;
      tap.kill("SIGSTOP");
      await delay(SHORT_EVERY_MS);
      tap.kill("SIGCONT");
    }
    await delay(SHORT_EVERY_MS);
  }
  return samples;
}

test(`a tap before a real Gateway for ${String(MINUTES)} minutes`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-soak-"));
  const path = join(folder, "soak.gwtrace");
  await using gateway = await startGateway({ version: OPENCLAW_VERSIONS[0] ?? "" });
  const port = await host.tapPort();
  const listen = `127.0.0.1:${String(port)}`;
  const args = ["record", "--json", "--url", gateway.url, "--listen", listen, "-o", path];
  await using tap = new RunningProcess(gwTraceCommand(args), { cwd: "/", env: { PATH: "/usr/bin:/bin" } });
  await until("the tap listens", 60_000, () => tap.stdout.includes('"type":"listening"'));
  const crowd = new Crowd(`ws://${listen}`);
  crowd.send(0);
  await crowd.gone();
  const before = await sample(tap.pid);
  const samples = await soak(crowd, tap);
  await crowd.gone();
  await until("all sockets are closed", 60_000, async () => (await sample(tap.pid)).files <= before.files);
  const { code } = await tap.stop("SIGINT");
  expect(code).toBe(130);

  await using reader = await openRecording(path);
  expect({ complete: reader.complete, missing: reader.missing }).toEqual({ complete: true, missing: [] });
  let [opened, closed, requests] = [0, 0, 0];
  for await (const entry of reader.entries()) {
    if (entry.kind === "opened") opened += 1;
    if (entry.kind === "closed") closed += 1;
    if (entry.kind === "message" && entry.from === "client" && entry.message.type === "text") requests += 1;
  }
  expect({ opened, closed, requests }).toEqual({ opened: crowd.connections, closed: crowd.connections, requests: crowd.requests });
  const quarter = samples.length >> 2;
  const rss = samples.map(({ rssKilobytes }) => rssKilobytes);
  const [early, late] = [median(rss.slice(quarter, quarter * 2)), median(rss.slice(-quarter))];
  const { connections, requests: asked, refused, turnedAway, slowestMs } = crowd;
  const came = { minutes: MINUTES, connections, turnedAway, requests: asked, slowestMs, entries: reader.entryCount };
  const max = { rssKilobytes: Math.max(...rss), files: Math.max(...samples.map(({ files }) => files)) };
  const { size: sizeBytes } = await stat(path);
  process.stderr.write(`${JSON.stringify({ ...came, sizeBytes, early, late, max, before })}\n`);
  expect(refused).toBe(0);
  expect(Math.max(...rss)).toBeLessThan(MAX_RSS_KILOBYTES);
  expect(late).toBeLessThan(early * 1.15);
  await rm(folder, { recursive: true });
}); // prettier-ignore
