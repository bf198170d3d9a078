import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseGatewayCommand } from "../../src/cli/gateway-command.ts";
import { locateGateway } from "../../src/cli/locate-gateway.ts";
import { parseDurationMs, parseSizeBytes } from "../../src/cli/parse-quantity.ts";
import { temporaryFolder } from "../recording/sample.ts";

const words = (text: string): readonly string[] => text.split(" ");

describe("which commands run a Gateway", () => {
  test.each([
    ["openclaw gateway", null],
    ["openclaw gateway run", null],
    ["openclaw gateway --port 18790", 18790],
    ["openclaw gateway --port=18790 --verbose", 18790],
    ["openclaw gateway run --bind loopback --port 7", 7],
    ["npx -y openclaw gateway", null],
    ["node /opt/openclaw.mjs gateway --token x", null],
    ["openclaw --profile gateway gateway", null],
  ])("%s does", (command, port) => {
    expect(parseGatewayCommand(words(command))).toMatchObject({ port });
  });

  test.each([
    "openclaw status",
    "openclaw gateway status",
    "openclaw gateway call health",
    "openclaw gateway --token x probe",
    "docker run gateway",
    "gateway",
    "openclaw --profile gateway status",
  ])("%s does not", (command) => {
    expect(parseGatewayCommand(words(command))).toBeNull();
  });

  test("what stands before gateway can be asked for its version", () => {
    expect(parseGatewayCommand(words("node openclaw.mjs --dev gateway"))).toMatchObject({
      program: ["node", "openclaw.mjs", "--dev"],
      isDev: true,
    });
  });
});

describe("where its Gateway will listen", () => {
  const CUSTOM = { bind: "custom", customBindHost: "100.64.0.5", port: 1 };
  test.each([
    ["the default", "openclaw gateway", {}, null, "ws://127.0.0.1:18789", null],
    ["--dev", "openclaw gateway --dev", {}, null, "ws://127.0.0.1:19001", null],
    ["the file", "openclaw gateway", {}, { port: 7, auth: { token: "t" } }, "ws://127.0.0.1:7", "t"],
    ["the environment first", "openclaw gateway", { OPENCLAW_GATEWAY_PORT: "8", OPENCLAW_GATEWAY_TOKEN: "e" }, { port: 7, auth: { token: "t" } }, "ws://127.0.0.1:8", "e"],
    ["the option before all", "openclaw gateway --port 9 --token o", { OPENCLAW_GATEWAY_PORT: "8", OPENCLAW_GATEWAY_TOKEN: "e" }, { port: 7 }, "ws://127.0.0.1:9", "o"],
    ["an address of its own", "openclaw gateway", {}, CUSTOM, "ws://100.64.0.5:1", null],
    ["TLS", "openclaw gateway", {}, { tls: { enabled: true } }, "wss://127.0.0.1:18789", null],
    ["a token by reference", "openclaw gateway", { MY: "m" }, { auth: { token: "${MY}" } }, "ws://127.0.0.1:18789", "m"],
    ["nonsense in the file", "openclaw gateway", {}, { port: "x", auth: 3 }, "ws://127.0.0.1:18789", null],
  ])("%s", async (_name, command, env, gateway, url, token) => {
    const state = await temporaryFolder();
    if (gateway !== null) await writeFile(join(state, "openclaw.json"), JSON.stringify({ gateway }));
    const parsed = parseGatewayCommand(words(command));
    if (parsed === null) throw new Error("no Gateway");
    const place = await locateGateway(parsed, { ...env, OPENCLAW_STATE_DIR: state });
    expect(place).toEqual({ url, token });
  }); // prettier-ignore

  test.each([
    ["a comment", `{ // where it listens\n "gateway": { /* not 18789 */ "port": 7 } }`],
    ["a trailing comma", `{"gateway":{"port":7,},}`],
    ["bare keys and single quotes", `{gateway:{port:7,bind:'loopback'}}`],
    ["a number as JSON5 writes it", `{gateway:{port:+0x7}}`],
    ["a byte order mark", `\uFEFF{"gateway":{"port":7}}`],
  ])("the file is JSON5: %s", async (_name, text) => {
    const state = await temporaryFolder();
    await writeFile(join(state, "openclaw.json"), text);
    const parsed = parseGatewayCommand(words("openclaw gateway"));
    if (parsed === null) throw new Error("no Gateway");
    const place = await locateGateway(parsed, { OPENCLAW_STATE_DIR: state });
    expect(place.url).toBe("ws://127.0.0.1:7");
  });

  test("a profile has a folder of its own", async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, ".openclaw-work"));
    await writeFile(join(home, ".openclaw-work", "openclaw.json"), '{"gateway":{"port":5}}');
    const parsed = parseGatewayCommand(words("openclaw --profile work gateway"));
    if (parsed === null) throw new Error("no Gateway");
    expect(await locateGateway(parsed, { HOME: home })).toMatchObject({ url: "ws://127.0.0.1:5" });
  });
});

describe("quantities", () => {
  test.each([
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["5", null],
    ["m", null],
    ["-5m", null],
  ])("%s is a duration of %s ms", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each([
    ["256MB", 256_000_000],
    ["1.5 gb", 1_500_000_000],
    ["10b", 10],
    ["10", null],
    ["MB", null],
  ])("%s is a size of %s bytes", (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });
});
