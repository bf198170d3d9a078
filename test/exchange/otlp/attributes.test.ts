import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as stable from "@opentelemetry/semantic-conventions";
import * as incubating from "@opentelemetry/semantic-conventions/incubating";
import { expect, test } from "vitest";
import { OTLP_ATTRIBUTES } from "../../../src/exchange/otlp/attributes.ts";

const NAMES = Object.keys(OTLP_ATTRIBUTES);
const FOLDER = path.resolve(import.meta.dirname, "../../../src/exchange/otlp");

test("what is not in a namespace of OpenClaw or gw-trace is a semantic convention", () => {
  const valuesOf = (module: object): readonly unknown[] => Object.values(module);
  const conventions = new Set([...valuesOf(stable), ...valuesOf(incubating)]);
  const others = NAMES.filter((name) => !/^(?:openclaw\.gateway|gw_trace)\./.test(name));
  expect(others.filter((name) => !conventions.has(name))).toEqual([]);
});

test("every attribute in the table is one that spans have", () => {
  const sources = readdirSync(FOLDER)
    .filter((file) => file !== "attributes.ts")
    .map((file) => readFileSync(path.join(FOLDER, file), "utf8"))
    .join("\n");
  expect(NAMES.filter((name) => !sources.includes(`"${name}":`))).toEqual([]);
});
