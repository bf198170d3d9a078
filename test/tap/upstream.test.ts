import { describe, expect, test } from "vitest";
import { formatAddress, parseHostPort } from "../../src/wire/address.ts";
import { assertListenAllowed, judgeStandpoint } from "../../src/tap/trust.ts";
import { resolveUpstream } from "../../src/tap/upstream.ts";

describe("resolveUpstream", () => {
  test.each([
    ["the default", undefined, {}, "ws://127.0.0.1:18789"],
    ["the port", undefined, { OPENCLAW_GATEWAY_PORT: "19001" }, "ws://127.0.0.1:19001"],
    [
      "the URL before the port",
      undefined,
      { OPENCLAW_GATEWAY_URL: "ws://gw.test:1", OPENCLAW_GATEWAY_PORT: "19001" },
      "ws://gw.test:1",
    ],
    [
      "the option before all",
      "ws://127.0.0.1:7",
      { OPENCLAW_GATEWAY_URL: "ws://gw.test:1" },
      "ws://127.0.0.1:7",
    ],
    ["host and port alone", "localhost:7", {}, "ws://localhost:7"],
    ["an IPv6 address", "ws://[::1]:7/path", {}, "ws://[::1]:7/path"],
    ["the default port of ws", "ws://gw.test", {}, "ws://gw.test:80"],
    ["TLS", "wss://gw.test", {}, "wss://gw.test:443"],
    ["TLS by its other name", "https://gw.test:8443/base", {}, "wss://gw.test:8443/base"],
    ["no secrets", "ws://me:secret@gw.test:7/?token=secret", {}, "ws://gw.test:7"],
  ])("takes %s", (_name, url, env, expected) => {
    expect(resolveUpstream(url, env).url).toBe(expected);
  });

  test("gives the host without the brackets that a URL needs", () => {
    expect(resolveUpstream("ws://[::1]:7", {})).toMatchObject({ host: "::1", port: 7 });
  });

  test.each(["ftp://gw.test", "two words", "ws://", "ws://h:99999"])(
    "refuses %s",
    (url) => {
      expect(() => resolveUpstream(url, {})).toThrow(
        expect.objectContaining({ code: "URL_INVALID" }),
      );
    },
  ); // prettier-ignore
});

describe("parseHostPort", () => {
  test.each([
    ["127.0.0.1:18777", { host: "127.0.0.1", port: 18777 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    [":18777", { host: "127.0.0.1", port: 18777 }],
    ["18777", { host: "127.0.0.1", port: 18777 }],
  ])("reads %s", (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected);
  });

  test.each(["", "host", "host:", "host:70000", "::1:80", "a:b"])("refuses %j", (text) => {
    expect(() => parseHostPort(text)).toThrow(expect.objectContaining({ code: "ADDRESS_INVALID" }));
  });
});

test.each([
  ["127.0.0.1", 1, "127.0.0.1:1"],
  ["::1", 1, "[::1]:1"],
  ["::ffff:10.0.0.1", 1, "10.0.0.1:1"],
  [undefined, 1, null],
])("formatAddress(%s, %s) is %s", (host, port, expected) => {
  expect(formatAddress(host, port)).toBe(expected);
});

describe("trust", () => {
  test("listening beyond loopback has to be allowed", () => {
    const beyond = { host: "0.0.0.0", port: 1 };
    expect(() => assertListenAllowed(beyond, false)).toThrow(
      expect.objectContaining({ code: "REMOTE_NOT_ALLOWED" }),
    );
    expect(() => assertListenAllowed(beyond, true)).not.toThrow();
    expect(() => assertListenAllowed({ host: "127.0.0.1", port: 1 }, false)).not.toThrow();
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", null],
    ["0.0.0.0", "127.0.0.1", "remote-becomes-local"],
    ["127.0.0.1", "100.64.0.5", "local-becomes-remote"],
    ["0.0.0.0", "100.64.0.5", null],
  ])("listening on %s, seen from %s", (listenHost, peerHost, expected) => {
    const standpoint = { listenHost, upstreamHost: "gw.test", source: null };
    const probe = { reached: true, peerHost, gatewayHost: peerHost } as const;
    expect(judgeStandpoint(standpoint, probe)).toBe(expected);
  });

  test.each([
    ["127.0.0.1", null, null],
    ["localhost", null, null],
    ["100.64.0.5", null, "local-becomes-remote"],
    ["100.64.0.5", "127.0.0.1", null],
    ["gw.test", null, null],
  ])("a Gateway at %s that is not there yet, from source %s", (upstreamHost, source, expected) => {
    const probe = { reached: false, error: "ECONNREFUSED", detail: "" } as const;
    const standpoint = { listenHost: "127.0.0.1", upstreamHost, source };
    expect(judgeStandpoint(standpoint, probe)).toBe(expected);
  });
});
