import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as playwright, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFrame } from "../../src/gateway/frame.ts";
import { openRecording } from "../../src/recording/reader.ts";
import type { Side } from "../../src/wire/message.ts";
import { chromiumBinary, startChromium } from "./harness/chromium.ts";
import { openDevTools } from "./harness/devtools.ts";
import { startGateway } from "./harness/gateway.ts";
import { runGwTrace, show, type Shown } from "./harness/gw-trace.ts";
import { host } from "./harness/host.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import type { Finished } from "./harness/process.ts";
import { secretsIn, tokensIn } from "./harness/secrets.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";
import { until } from "./harness/until.ts";
import { saidBy } from "../support/said-by.ts";

const binary = chromiumBinary();
if (binary === null)
  process.stderr.write("The browser's tests are skipped: no Chromium is installed\n");

/** The Control UI asks for more than this by itself, as soon as it is let in. */
const CALLS_OF_CONTROL_UI = 8;

describe.runIf(binary !== null).each(OPENCLAW_VERSIONS)(
  "the Control UI of OpenClaw %s",
  (version) => {
    let dir: string;
    let secrets: readonly string[];
    /** Why Chromium's own HAR is missing; null when it is there. */
    let whyNoDevTools: string | null = null;
    const file = (name: string): string => join(dir, name);

    // One conversation, seen by the tap, by Playwright and by Chromium's own DevTools.
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), "gw-trace-live-har-"));
      await using gateway = await startGateway({ version });
      const port = await host.tapPort();
      await using tap = await startTap(host, {
        port,
        upstream: gateway.url,
        output: file("tap.gwtrace"),
      });
      await using chromium = await startChromium(binary ?? "");
      const browser = await playwright.connectOverCDP(chromium.url);
      const context = await browser.newContext({
        recordHar: { path: file("playwright.har"), content: "embed" },
      });
      const page = await context.newPage();
      const devTools = await openDevTools(chromium, page, await browser.newContext());
      const answered = whenAnswered(page, CALLS_OF_CONTROL_UI);
      await page.goto(`http://127.0.0.1:${String(port)}/#token=${SHARED_TOKEN}`);
      const har = await devTools.har(await answered);
      if ("text" in har) await writeFile(file("devtools.har"), har.text);
      else whyNoDevTools = har.whyNot;
      await context.close();
      await browser.close();
      secrets = await tokensIn(gateway.state);
      await tap.stop();
    });

    afterAll(() => rm(dir, { recursive: true, force: true }));

    test.for([
      ["playwright", "milliseconds"],
      ["devtools", "seconds"],
    ] as const)("%s saw what the tap saw, message by message", async ([name, unit], { skip }) => {
      skip(name === "devtools" && whyNoDevTools !== null, whyNoDevTools ?? undefined);
      const imported = await gwTrace("import", file(`${name}.har`), "-o", file(`${name}.gwtrace`));
      expect(imported).toMatchObject({ code: 0 });
      expect(imported.stderr).toContain(`message times are in ${unit}`);
      for (const side of ["client", "gateway"] as const) {
        const seen = await saidIn(file(`${name}.gwtrace`), side);
        expect(seen.length).toBeGreaterThan(CALLS_OF_CONTROL_UI);
        // The tap heard the end, which a browser's HAR does not have.
        expect(seen).toEqual((await saidIn(file("tap.gwtrace"), side)).slice(0, seen.length));
      }
      expect(await secretsIn(file(`${name}.gwtrace`), secrets)).toEqual([]);
      expect(handshakeIn(await show(host, file(`${name}.gwtrace`)))).toEqual(
        handshakeIn(await show(host, file("tap.gwtrace"))),
      );
    });

    test("what the tap's recording becomes as a HAR is the same conversation again", async () => {
      await gwTrace("export", file("tap.gwtrace"), "-o", file("own.har"));
      await gwTrace("import", file("own.har"), "-o", file("own.gwtrace"));
      for (const side of ["client", "gateway"] as const) {
        const said = await saidIn(file("own.gwtrace"), side);
        expect(said).toEqual(await saidIn(file("tap.gwtrace"), side));
      }
    });
  },
);

/** Resolves with the number of messages when the page has made so many calls on a socket, and each has its answer. */
function whenAnswered(page: Page, calls: number): Promise<number> {
  const asked = new Set<string>();
  const answered = new Set<string>();
  let messages = 0;
  const note = (payload: string | Buffer, ids: Set<string>): void => {
    messages += 1;
    const parsed = parseFrame(String(payload));
    if (parsed.ok && parsed.frame.type !== "event") ids.add(parsed.frame.id);
  };
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => note(payload, asked));
    socket.on("framereceived", ({ payload }) => note(payload, answered));
  });
  return until("the calls of the Control UI and their answers", 120_000, () => {
    return asked.size >= calls && [...asked].every((id) => answered.has(id)) ? messages : null;
  });
}

function gwTrace(...args: readonly string[]): Promise<Finished> {
  return runGwTrace(host, args, { cwd: "/", env: {} });
}

async function saidIn(path: string, side: Side): Promise<readonly unknown[]> {
  await using reader = await openRecording(path);
  return await saidBy(side, reader.entries());
}

function handshakeIn({ connections }: Shown): unknown {
  const found = connections.find(({ client }) => client !== null);
  return [found?.client, found?.outcome, found?.scopes.requested, found?.scopes.granted];
}
