import { expect, test } from "vitest";
import { nameEndpoint, resolveEndpoint } from "../../src/otlp/endpoint.ts";

test.each([
  ["http://127.0.0.1:4318", {}, "http://127.0.0.1:4318/v1/traces"],
  ["http://127.0.0.1:4318/", {}, "http://127.0.0.1:4318/v1/traces"],
  ["http://127.0.0.1:4318/v1/traces", {}, "http://127.0.0.1:4318/v1/traces"],
  ["https://otel.example/otlp/", {}, "https://otel.example/otlp/v1/traces"],
  ["https://otel.example/otlp?key=1", {}, "https://otel.example/otlp/v1/traces?key=1"],
  [true, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, "http://c:4318/v1/traces"],
  // A URL for one signal is taken as it is (OTLP exporter specification).
  [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c/in" }, "http://c/in"],
  [
    true,
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://b/x" },
    "http://b/x",
  ],
  ["http://given", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://env" }, "http://given/v1/traces"],
] as const)("%j with %j goes to %s", (given, env, endpoint) => {
  expect(resolveEndpoint(given, env)).toBe(endpoint);
});

test.each([
  ["127.0.0.1:4318", "URL_INVALID"],
  ["grpc://127.0.0.1:4317", "URL_INVALID"],
  ["last", "URL_INVALID"],
  [true, "USAGE"],
] as const)("%j goes nowhere: %s", (given, code) => {
  expect(() => resolveEndpoint(given, {})).toThrow(expect.objectContaining({ code }));
});

test("is shown without what could be a credential", () => {
  expect(nameEndpoint("https://user:secret@otel.example/v1/traces?key=secret")).toBe(
    "https://otel.example/v1/traces",
  );
});
