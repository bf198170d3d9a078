import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { openRecording } from "../../src/recording/reader.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";
import { portOf, until } from "../tap/harness.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { connectClient, runGwTrace, runRecord, startGateway, tapPort } from "./record-run.ts";

/** A client that knows nothing but its environment, as OpenClaw's CLI does. */
const CLIENT = `
const url = process.env.OPENCLAW_GATEWAY_URL ?? "ws://127.0.0.1:" + process.env.OPENCLAW_GATEWAY_PORT;
const net = require("node:net");
const socket = net.connect(Number(new URL(url).port), "127.0.0.1", () =>
  socket.write("GET /health HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"));
socket.on("data", () => socket.end());
socket.on("close", () => { console.log("said: " + JSON.stringify([process.env.OPENCLAW_GATEWAY_URL, process.env.OPENCLAW_GATEWAY_TOKEN])); process.exit(Number(process.argv[2])); });
`;

async function scriptIn(folder: string, name: string, code: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!${process.execPath}\n${code}`);
  await chmod(path, 0o755);
  return path;
}

describe("gw-trace record -- command", () => {
  test.each([
    [0, {}, /said: \[null,null\]/],
    [7, { OPENCLAW_GATEWAY_TOKEN: "t0" }, /said: \["ws:\/\/127\.0\.0\.1:\d+","t0"\]/],
    [0, { OPENCLAW_GATEWAY_URL: "" }, /said: \[null,null\]/],
  ])("exits %i as the command does, with %o", async (code, env, said) => {
    const folder = await temporaryFolder();
    const port = await startGateway();
    const client = await scriptIn(folder, "client.cjs", CLIENT);
    const url = `ws://127.0.0.1:${port}`;
    const run = runRecord(folder, ["a", "--url", url, "--", client, String(code)], env);
    expect(await run.exit).toBe(code);
    expect(run.stdout()).toMatch(said);
    await using reader = await openRecording(join(folder, "a.gwtrace"));
    expect(reader.complete).toBe(true);
    const kinds = (await readAll(reader)).map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(["opened", "http-request", "http-response"]);
  });

  test("passes signals on and waits for what the command makes of them", async () => {
    const folder = await temporaryFolder();
    const client = await scriptIn(
      folder,
      "wait.cjs",
      `process.on("SIGTERM", () => process.exit(42)); setInterval(() => {}, 1000); console.log("up");`,
    );
    const run = runRecord(folder, ["--url", "ws://127.0.0.1:9", "--", client]);
    await until(() => run.stdout().includes("up"));
    run.kill("SIGTERM");
    expect(await run.exit).toBe(42);
  });

  test("a command that a signal ended counts as in a shell", async () => {
    const folder = await temporaryFolder();
    const client = await scriptIn(folder, "die.cjs", `process.kill(process.pid, "SIGKILL");`);
    const run = runRecord(folder, ["--url", "ws://127.0.0.1:9", "--", client]);
    expect(await run.exit).toBe(137);
  });

  test("a command that is not there is one clear line", async () => {
    const folder = await temporaryFolder();
    const run = runRecord(folder, ["--url", "ws://127.0.0.1:9", "--", "no-such-program"]);
    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain("no-such-program could not be started: ENOENT");
  });

  test("--json leaves standard output to the documents", async () => {
    const folder = await temporaryFolder();
    const client = await scriptIn(folder, "say.cjs", `console.log("hello");`);
    const run = runRecord(folder, ["--json", "--url", "ws://127.0.0.1:9", "--", client]);
    expect(await run.exit).toBe(0);
    for (const line of run.stdout().trimEnd().split("\n")) expect(JSON.parse(line)).toBeTypeOf("object"); // prettier-ignore
    expect(run.stderr()).toContain("hello");
  });

  test("when only the recording is to end, the command goes on through the tap", async () => {
    const folder = await temporaryFolder();
    const port = await startGateway();
    const client = await scriptIn(
      folder,
      "later.cjs",
      `process.stdin.resume(); const net = require("node:net");
       const { existsSync } = require("node:fs");
       const timer = setInterval(() => {
         if (!existsSync("go")) return;
         clearInterval(timer);
         const socket = net.connect(Number(process.env.OPENCLAW_GATEWAY_PORT), "127.0.0.1", () => socket.write("GET / HTTP/1.1\\r\\n\\r\\n"));
         socket.once("data", () => process.exit(5));
       }, 5);`,
    );
    const url = `ws://127.0.0.1:${port}`;
    const run = runRecord(folder, ["b", "--json", "--for", "1ms", "--url", url, "--", client]);
    await until(() => run.stdout().includes("listening"));
    const path = join(folder, "b.gwtrace");
    for (;;) {
      const complete = await openRecording(path).then(
        async (reader) => {
          await using open = reader;
          return open.complete;
        },
        () => false,
      );
      if (complete) break;
    }
    await writeFile(join(folder, "go"), "");
    expect(await run.exit).toBe(5);
  });
});

describe("gw-trace record -- openclaw gateway", () => {
  const GATEWAY = `
    if (process.argv.includes("--version")) { console.log("OpenClaw " + process.env.FAKE_VERSION + " (abc)"); process.exit(); }
    console.log(JSON.stringify({ port: process.env.OPENCLAW_GATEWAY_PORT, url: process.env.OPENCLAW_GATEWAY_URL, token: process.env.OPENCLAW_GATEWAY_TOKEN, argv: process.argv.slice(2) }));`;

  test.each([
    ["2026.5.4", "makes all of them over a socket"],
    ["2026.9.6", "sessions_spawn, cron, announce inside its process"],
  ])("leads the calls of %s to itself through the tap, and says what no socket carries", async (version, remark) => {
    const folder = await temporaryFolder();
    const openclaw = await scriptIn(folder, "openclaw.cjs", GATEWAY);
    const args = ["g", "--", openclaw, "gateway", "--port", "5", "--token", "t"];
    const run = runRecord(folder, args, { FAKE_VERSION: version, OPENCLAW_GATEWAY_PORT: "6" });
    expect(await run.exit).toBe(0);
    expect(JSON.parse(run.stdout())).toEqual({
      // The Gateway would listen on what stands here.
      port: "6",
      url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
      token: "t",
      argv: ["gateway", "--port", "5", "--token", "t"],
    });
    expect(run.stderr()).toContain("recording ws://127.0.0.1:5\n");
    expect(run.stderr()).not.toContain("no Gateway answers");
    expect(run.stderr()).toContain(remark);
  }); // prettier-ignore

  test("without a token says why it sees nothing, and leaves the calls as they are", async () => {
    const folder = await temporaryFolder();
    const openclaw = await scriptIn(folder, "openclaw.cjs", GATEWAY);
    const run = runRecord(folder, ["--", openclaw, "gateway"], { FAKE_VERSION: "2026.5.4" });
    expect(await run.exit).toBe(0);
    expect(JSON.parse(run.stdout())).toEqual({ argv: ["gateway"] });
    expect(run.stderr()).toContain("no token is known");
  });
});

describe("a recording that stops by itself", () => {
  test.each([
    ["--for", "1ms"],
    ["--max-bytes", "1kB"],
  ])("%s %s ends it whole, with exit code 0", async (option, value) => {
    const folder = await temporaryFolder();
    const port = await startGateway();
    const args = ["c", option, value, "--url", `ws://127.0.0.1:${port}`, "--listen", "127.0.0.1:0"];
    const run = runRecord(folder, args);
    const isOver = run.exit.then(() => true);
    const listen = await tapPort(run);
    const calls = async (): Promise<boolean> => {
      const client = await connectClient(listen);
      for (;;) await client.call("agent");
    };
    if (option === "--max-bytes") void calls().catch(() => false);
    expect(await isOver).toBe(true);
    expect(await run.exit).toBe(0);
    expect(run.stderr()).toContain(`stopped by ${option}`);
    await using reader = await openRecording(join(folder, "c.gwtrace"));
    expect(reader.complete).toBe(true);
  });
});

test.each(["SIGINT", "--max-bytes"] as const)(
  "a handshake that %s cuts short was ended by the tap",
  async (way) => {
    const folder = await temporaryFolder();
    await using gateway = await startScriptedGateway(() => null);
    const limit = way === "--max-bytes" ? [way, "4kB"] : [];
    const args = ["h", "--url", gateway.url, "--listen", "127.0.0.1:0", ...limit];
    const run = runRecord(folder, args);
    const client = new WebSocket(`ws://127.0.0.1:${await tapPort(run)}`);
    client.on("error", () => undefined);
    await once(client, "open");
    const locale = randomBytes(8000).toString("base64");
    client.send(JSON.stringify({ type: "req", id: "1", method: "connect", params: { locale } }));
    const gone = once(client, "close");
    if (way === "SIGINT") {
      await until(() => gateway.asked.length === 1);
      run.kill(way);
    }
    expect(await run.exit).toBe(way === "SIGINT" ? 130 : 0);
    await gone;
    await using reader = await openRecording(join(folder, "h.gwtrace"));
    expect((await readAll(reader)).at(-1)).toMatchObject({
      kind: "closed",
      by: "tap",
      how: "stopped",
    });
  },
);

test("findings are told while a connection is still open", async () => {
  const folder = await temporaryFolder();
  const port = await startGateway();
  const args = ["--url", `ws://127.0.0.1:${port}`, "--listen", "127.0.0.1:0"];
  const run = runRecord(folder, args);
  const client = await connectClient(await tapPort(run));
  await client.call("agent");
  await until(() => run.stderr().includes("missing-scope-dropped: agent was refused"));
  expect(run.stderr()).not.toContain("closed");
  await client.close();
});

test("a tap that changes the locality says so at once, in the end and in the recording", async () => {
  const folder = await temporaryFolder();
  const port = await startGateway();
  const url = `ws://127.0.0.1:${port}`;
  const args = ["r", "--url", url, "--listen", "0.0.0.0:0", "--allow-remote", "--for", "1ms"];
  const run = runRecord(folder, args);
  expect(await run.exit).toBe(0);
  expect(run.stderr().match(/counts as local/g)).toHaveLength(2);
  await using reader = await openRecording(join(folder, "r.gwtrace"));
  expect(reader.header.localityChange).toBe("remote-becomes-local");
});

describe("gw-trace record --http-bodies", () => {
  /** Records one call to /tools/invoke, whose answer is compressed. */
  async function recordCall(folder: string, options: readonly string[]): Promise<Entry[]> {
    const gateway = createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("Content-Encoding", "gzip");
        response.end(gzipSync('{"ok":true,"result":{"token":"t-secret-2","note":"bearer-s1"}}'));
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void gateway.close());
    await once(gateway, "listening");
    const client = await scriptIn(
      folder,
      "invoke.cjs",
      `fetch("http://127.0.0.1:" + process.env.OPENCLAW_GATEWAY_PORT + "/tools/invoke", {
         method: "POST", headers: { authorization: "Bearer bearer-s1" },
         body: JSON.stringify({ tool: "sessions_spawn", args: { task: "say hi", apiKey: "k-secret-1" } }),
       }).then((answer) => answer.json()).then(({ ok }) => process.exit(ok ? 0 : 9));`,
    );
    const url = `ws://127.0.0.1:${portOf(gateway.address())}`;
    const run = runRecord(folder, ["h", ...options, "--url", url, "--", client]);
    expect(await run.exit).toBe(0);
    await using reader = await openRecording(join(folder, "h.gwtrace"));
    return await readAll(reader);
  }

  test("keeps both bodies, uncompressed and without credentials, and show shows them", async () => {
    const folder = await temporaryFolder();
    const entries = await recordCall(folder, ["--http-bodies"]);
    const bodies = entries.filter((entry) => entry.kind === "http-body");
    const texts = bodies.map(({ content }) => (content?.type === "text" ? content.text : ""));
    expect(texts.map((text) => text.replaceAll(/<redacted:\w+:\w+>/g, "#"))).toEqual([
      '{"tool":"sessions_spawn","args":{"task":"say hi","apiKey":"#"}}',
      '{"ok":true,"result":{"token":"#","note":"#"}}',
    ]);
    const file = await readFile(join(folder, "h.gwtrace"));
    for (const secret of ["k-secret-1", "t-secret-2", "bearer-s1"]) expect(file.includes(secret)).toBe(false);
    const shown = await runGwTrace(folder, ["show", "h"]);
    expect(shown).toMatch(/-> \d+ B {2}\{"tool":"sessions_spawn"/);
    expect(shown).toMatch(/<- \d+ B {2}\{"ok":true/);
    expect(await runGwTrace(folder, ["show", "--frames", "h"])).toContain('body {"tool":');
    expect(await runGwTrace(folder, ["show", "--json", "h"])).toContain('"start": "{\\"tool');
  }); // prettier-ignore

  test("without it no body is recorded", async () => {
    const entries = await recordCall(await temporaryFolder(), []);
    expect(entries.map(({ kind }) => kind)).toContain("http-response");
    expect(entries.filter(({ kind }) => kind === "http-body")).toEqual([]);
  });
});

describe("gw-trace record --keep", () => {
  test("holds the newest in numbered files, and saves what surrounds a finding", async () => {
    const folder = await temporaryFolder();
    const port = await startGateway();
    const url = `ws://127.0.0.1:${port}`;
    const keep = ["--keep", "1MB", "--save-on", "missing-scope", "--around", "1ms"];
    const run = runRecord(folder, ["f", ...keep, "--url", url, "--listen", "127.0.0.1:0"]);
    const client = await connectClient(await tapPort(run));
    await client.call("agent");
    await until(() => run.stderr().includes("saved what surrounds it"));
    await client.close();
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr()).toContain("the newest is kept in 1 file up to");
    for (const name of ["f-0001", "f-missing-scope-dropped-1"]) {
      await using reader = await openRecording(join(folder, `${name}.gwtrace`));
      expect(reader.complete).toBe(true);
      expect(JSON.stringify(await readAll(reader))).toContain("missing scope: operator.write");
    }
  });

  test.each([
    ["a finding that is none", ["--keep", "1MB", "--save-on", "missing-sco"], "there is no finding missing-sco"],
    ["saving without keeping", ["--save-on", "missing-scope"], "is for a flight recorder"],
    ["an end to what has none", ["--keep", "1MB", "--max-bytes", "1MB"], "goes on for ever"],
    ["too little", ["--keep", "1kB"], "is too little"],
    ["no amount", ["--keep", "some"], "cannot be read"],
    ["two sizes", ["--keep", "1MB", "--keep", "2MB"], "cannot be read"],
  ])("%s is one clear line and exit code 2", async (_name, args, expected) => {
    const folder = await temporaryFolder();
    const run = runRecord(folder, ["--url", "ws://127.0.0.1:9", ...args]);
    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain(expected);
  }); // prettier-ignore
});
