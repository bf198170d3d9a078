import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as stable from "@opentelemetry/semantic-conventions";
import * as incubating from "@opentelemetry/semantic-conventions/incubating";
import { expect, test } from "vitest";

const EXCHANGE = path.resolve(import.meta.dirname, "../../../src/exchange");
const PAGE = readFileSync(path.join(EXCHANGE, "README.md"), "utf8");
const LISTED = Array.from(PAGE.matchAll(/^\| `([a-z_.]+)` \| /gm), ([, name = ""]) => name);

const SOURCES = readdirSync(path.join(EXCHANGE, "otlp")).map((file) =>
  readFileSync(path.join(EXCHANGE, "otlp", file), "utf8"),
);
const WRITTEN = SOURCES.flatMap((source) =>
  Array.from(source.matchAll(/"([a-z_]+(?:\.[a-z_]+)+)": /g), ([, name = ""]) => name),
);

test("what is not in a namespace of OpenClaw or gw-trace is a semantic convention", () => {
  const valuesOf = (module: object): readonly unknown[] => Object.values(module);
  const conventions = new Set([...valuesOf(stable), ...valuesOf(incubating)]);
  const others = WRITTEN.filter((name) => !/^(?:openclaw\.gateway|gw_trace)\./.test(name));
  expect(others.filter((name) => !conventions.has(name))).toEqual([]);
});

test("the table of attributes lists those that spans have, each once", () => {
  expect(LISTED.toSorted()).toEqual([...new Set(WRITTEN)].toSorted());
});
