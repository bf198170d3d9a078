import { expect, test } from "vitest";
import { hostOf, isForwardingHeader, isLoopbackAddress } from "../../src/gateway/address.ts";

test.each([
  ["127.0.0.1:18789", true],
  ["127.8.9.10", true],
  ["[::1]:18789", true],
  ["::1", true],
  ["[::ffff:127.0.0.1]:80", true],
  ["100.64.0.5:18789", false],
  ["[fe80::1]:80", false],
  ["0.0.0.0:80", false],
  ["127.evil.example:80", false],
  [null, null],
])("%s is loopback: %s", (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});

test.each([
  ["127.0.0.1:80", "127.0.0.1"],
  ["[::1]:80", "::1"],
  ["::1", "::1"],
  ["gw.example", "gw.example"],
])("the host of %s is %s", (address, host) => {
  expect(hostOf(address)).toBe(host);
});

test.each(["Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Real-IP"])(
  "%s is a forwarding header",
  (name) => {
    expect(isForwardingHeader(name)).toBe(true);
  },
);

test("Host is no forwarding header", () => {
  expect(isForwardingHeader("Host")).toBe(false);
});
