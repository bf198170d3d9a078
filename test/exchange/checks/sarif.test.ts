import { expect, test } from "vitest";
import { z } from "zod";
import { buildSarif } from "../../../src/exchange/checks/sarif.ts";
import { CATALOGUE } from "../../../src/findings/catalogue.ts";
import { check, failing } from "../../support/checks.ts";

const level = z.enum(["none", "note", "warning", "error"]);
const text = z.strictObject({ text: z.string().min(1) });

/** The part of the SARIF 2.1.0 schema that is used here; strict, since the schema takes no further properties either. */
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.literal("gw-trace"),
          version: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: text,
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      columnKind: z.literal("utf16CodeUnits"),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message: text,
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[\w./%~-]+$/) }),
                region: z.strictObject({ startLine: z.int().min(1) }),
              }),
              logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string() })),
            }),
          ),
          partialFingerprints: z.record(z.string(), z.string()),
          properties: z.strictObject({ evidence: z.array(z.int()) }),
        }),
      ),
    }),
  ]),
});

function read(result: Parameters<typeof buildSarif>[0]) {
  const log: unknown = JSON.parse(
    JSON.stringify(buildSarif(result, (name) => encodeURI(`rec/${name}.gwtrace`))),
  );
  return sarif.parse(log).runs[0];
}

test("results with the place of their recording, failures as errors", () => {
  const { results } = read(
    check([failing("my run")], { failOn: ["error"], expectMethods: ["nope", "health"] }),
  );
  expect(results.map(({ ruleId, level: of }) => [ruleId, of])).toEqual([
    ["missing-scope-not-requested", "error"],
    ["rpc-failed", "note"],
    ["expect-method", "error"],
  ]);
  expect(results[0]?.locations[0]).toEqual({
    physicalLocation: {
      artifactLocation: { uri: "rec/my%20run.gwtrace" },
      region: { startLine: 1 },
    },
    logicalLocations: [{ fullyQualifiedName: "my run, connection 1" }],
  });
  expect(results[2]?.locations).toEqual([]);
  expect(JSON.stringify(results)).not.toMatch(/[\u0000\u001b\ud800\uffff]/);
});

test("every finding of the catalogue is a rule, and every result points at its own", () => {
  const { results, tool } = read(check([failing("run")], { failOn: ["info"] }));
  const ids = tool.driver.rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(CATALOGUE)));
  for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
});

test("fingerprints tell one result from another, and are the same in the next run", () => {
  const marks = () =>
    read(check([failing("a"), failing("b")], {})).results.map(
      ({ partialFingerprints }) => partialFingerprints["gwTrace/v1"],
    );
  expect(new Set(marks()).size).toBe(4);
  expect(marks()).toEqual(marks());
});
