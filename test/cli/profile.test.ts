import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { profileFor } from "../support/profiles.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-profile-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("gw-trace profile diff", () => {
  test("prints what an upgrade changes, what breaks first", async () => {
    const { code, stdout } = await runCli(["profile", "diff", "2026.5.4", "2026.9.6"]);
    expect(code).toBe(0);
    expect(stdout).toContain("OpenClaw 2026.5.4 -> 2026.9.6\n\nprotocol\n  was  3\n  is   4\n");
    expect(stdout).toMatch(/sessions\.patch +operator\.admin +-> operator\.write\n/);
    expect(stdout.indexOf("need something else")).toBeLessThan(stdout.indexOf("new methods"));
  });

  test("says the same as one JSON document", async () => {
    const { stdout } = await runCli(["profile", "diff", "2026.3.13", "2026.5.4", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      from: "2026.3.13",
      to: "2026.5.4",
      protocol: null,
      changed: [{ method: "browser.request", from: "operator.write", to: "operator.admin" }],
    });
  });

  test("takes a file in the place of a version", async () => {
    const file = join(folder, "mine.json");
    await writeFile(file, JSON.stringify(profileFor("2026.5.4")));
    const { code, stdout } = await runCli(["profile", "diff", "2026.5.4", file]);
    expect([code, stdout]).toEqual([0, "OpenClaw 2026.5.4 -> 2026.5.4\n  no difference\n"]);
  });

  test.each([
    [
      ["profile", "diff", "2026.5.4", "2026.5.5"],
      /2026\.5\.5 is no profile: .*Name one of 2026\.2\.19/,
    ],
    [
      ["profile", "diff", "2026.5.4"],
      /missing required argument 'to'.*gw-trace profile diff --help/,
    ],
    [["profile", "shwo"], /unknown command 'shwo'.*show/],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("gw-trace profile show", () => {
  test("lists what each scope lets one do", async () => {
    const { stdout } = await runCli(["profile", "show", "2026.5.4"]);
    expect(stdout).toMatch(/^OpenClaw 2026\.5\.4\n {2}protocol +3\n/);
    expect(stdout).toMatch(/\noperator\.pairing\n {2}device\.pair\.approve, device\.pair\.list,/);
    expect(stdout).toMatch(/\n {2}role node +7 methods\n/);
  });
});

describe("gw-trace probe", () => {
  const hello = {
    type: "hello-ok",
    protocol: 4,
    server: { version: "2027.1.1" },
    features: { methods: ["status", "health"], events: ["tick"] },
    auth: { role: "operator", scopes: [] },
  };

  function gateway() {
    const connected = new Set<number>();
    return startScriptedGateway(({ connection, method, params }) => {
      const auth = params["auth"];
      const isFirst = !connected.has(connection);
      if (isFirst && JSON.stringify(auth) !== '{"token":"right-one"}') {
        return { error: { code: "INVALID_REQUEST", message: "token mismatch" }, close: 1008 };
      }
      if (isFirst) {
        connected.add(connection);
        return { payload: hello };
      }
      if (method === "health") return { payload: {} };
      const scope = method === "status" ? "operator.read" : "operator.admin";
      return { error: { code: "FORBIDDEN", message: `missing scope: ${scope}` } };
    });
  }

  test("prints the profile and writes it where it is told to, once", async () => {
    await using live = await gateway();
    const file = join(folder, "probed.json");
    const args = ["probe", "--url", live.url, "-o", file];
    const env = { OPENCLAW_GATEWAY_TOKEN: "right-one" };
    const first = await runCli(args, { env });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/\nno scope\n {2}health\n/);
    expect(first.stdout).toMatch(/\noperator\.read\n {2}status\n/);
    expect(first.stdout).toMatch(/No probe can see which scopes imply others/);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      version: "2027.1.1",
      refusals: { "missing-scope": { code: "FORBIDDEN", message: "missing scope: <scope>" } },
      implies: "not measured",
    });
    const diff = await runCli(["profile", "diff", "2026.9.6", file]);
    expect(diff.stdout).toContain("OpenClaw 2026.9.6 -> 2027.1.1");
    const second = await runCli(args, { env });
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining("is there already")]);
  });

  test("takes the token from a file, and never says it", async () => {
    await using live = await gateway();
    const file = join(folder, "token");
    await writeFile(file, "right-one\n");
    const { code, stdout, stderr } = await runCli([
      "probe",
      "--url",
      live.url,
      "--token-file",
      file,
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ letThrough: ["health"] });
    expect(stdout + stderr).not.toContain("right-one");
  });

  test.each([
    ["is refused", {}, 3, /answered connect with INVALID_REQUEST "token mismatch"/],
    ["finds nobody there", { url: "ws://127.0.0.1:9" }, 3, /ECONNREFUSED/],
    ["is given an empty token file", { tokenFile: "/dev/null" }, 2, /holds no token: it is empty/],
  ])(
    "says what is wrong when it %s",
    async (_name, { url, tokenFile }: { url?: string; tokenFile?: string }, expected, message) => {
      await using live = await gateway();
      const { code, stderr } = await runCli(
        ["probe", "--url", url ?? live.url].concat(
          tokenFile === undefined ? [] : ["--token-file", tokenFile],
        ),
      );
      expect(code).toBe(expected);
      expect(stderr).toMatch(message);
    },
  );
});
