import { expect, test } from "vitest";
import { renderClient } from "../../src/views/connection.ts";
import { challenge, connect, conversation } from "../support/conversation.ts";
import { connectionOf } from "../support/traces.ts";

test.each([
  ["gateway-client/backend", [challenge(), connect({ client: "gateway-client/backend" })]],
  ["(no client id)", [challenge(), connect({ client: "/" })]],
  [String.raw`c\x9b/m`, [challenge(), connect({ client: "c\u009b/m" })]],
  ["(no connect seen)", [challenge()]],
])("%s", (expected, steps) => {
  expect(renderClient(connectionOf(conversation({}, ...steps)))).toBe(expected);
});
