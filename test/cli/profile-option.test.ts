import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProfileFile } from "../../src/gateway/measured-profiles.ts";
import { formatProfile, type Profile } from "../../src/gateway/profile.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { readScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import { LiveClient } from "../replay/live-client.ts";
import { challenge, connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { profileFor } from "../support/profiles.ts";
import { runCli } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";

const VERSION = "2031.4.2";
const READ = ["operator.read"];

/** A version that nobody released: a backend keeps its scopes from anywhere near, a listing needs a scope of its own. */
const MADE_UP: Profile = {
  ...profileFor("2026.5.4"),
  version: VERSION,
  sources: { all: "made up" },
  methods: { "acme.list": "acme.read", "sessions.list": "operator.read" },
  keepsScopesWithoutDevice: { "cli/cli": true },
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-profile-option-"));
  await writeFile(join(folder, "mine.json"), formatProfile(MADE_UP));
  const client = (connection: number, scopes: readonly string[], method: string) =>
    conversation(
      { connection },
      challenge(),
      connect({ scopes }),
      helloOk({ version: VERSION, scopes: null }),
      req("1", method),
      ok("1", { list: [] }),
    );
  await writeRecording(join(folder, "a.gwtrace"), [
    client(1, READ, "sessions.list"),
    client(2, ["acme.read"], "acme.list"),
  ]);
});

afterAll(() => rm(folder, { recursive: true }));

const run = (...args: readonly string[]) => runCli(args, { cwd: folder });
const WITH = ["--profile", "mine.json"];

test("without a profile the rules of such a version are unknown, and that is said", async () => {
  const { stdout } = await run("show", "a.gwtrace");
  expect(stdout).toMatch(/rules\s+OpenClaw 2031\.4\.2 has not been measured, nor a version/);
  expect(stdout).toMatch(/R\.{5}\s+-\s+\?\s+UNKNOWN scopes/);
  const checked = await run("check", "a.gwtrace", "--expect-scope", "acme.read");
  expect(checked.stdout).toContain("it is not known whether the connection holds acme.read");
});

test("with one they are what it says", async () => {
  const shown = await run("show", "a.gwtrace", ...WITH);
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(shown.stdout).not.toContain("has not been measured");
  expect(shown.stdout).toMatch(/R\.{5}\s+-\s+R\.{5}\s+ok/);
  const told = await run("explain", "a.gwtrace", "c2", ...WITH);
  expect(told.stdout).toContain("its calls prove acme.read");
  const passed = await run("check", "a.gwtrace", "--expect-scope", "acme.read", "--filter", "conn==2", ...WITH); // prettier-ignore
  expect(passed.code).toBe(0);
  const report = await run("report", "a.gwtrace", ...WITH);
  expect(report.stdout).not.toContain("has not been measured");
});

test("a replay answers by it", async () => {
  await using reader = await openRecording(join(folder, "a.gwtrace"));
  const profiles = [readProfileFile(join(folder, "mine.json"))];
  const script = await readScript(reader, reader.entries(), profiles);
  await using gateway = await startReplayedGateway({ scripts: [script], profiles, reuse: true });
  await using client = new LiveClient(gateway.url);
  await client.connect({ scopes: [...READ, "operator.write"] });
  const refused = await client.call("acme.list", { of: "sorts" });
  expect(refused).toMatchObject({
    error: { code: "INVALID_REQUEST", message: "missing scope: acme.read" },
  });
});

test("a file that is no profile is refused in one line", async () => {
  await writeFile(join(folder, "other.json"), "{}");
  const { code, stderr } = await run("show", "a.gwtrace", "--profile", "other.json");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("other.json is no profile: version is missing"),
  });
});
