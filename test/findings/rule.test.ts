import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { findingsByConnection } from "../../src/findings/rule.ts";
import { failing } from "../support/checks.ts";
import { counted } from "../support/counted.ts";

test("findings are looked up by connection, not searched for each of them", () => {
  const [found] = diagnose([failing("here")]);
  if (found === undefined) throw new Error("nothing was found");
  const here = Array.from({ length: 100 }, (_, connection) => ({ ...found, connection }));
  const elsewhere = here.map((finding) => ({ ...finding, recording: "elsewhere" }));
  const { list, reads } = counted([...elsewhere, ...here]);
  const findingsOf = findingsByConnection(list, "here");
  expect(here.map(({ connection }) => findingsOf(connection))).toEqual(here.map((one) => [one]));
  expect(findingsOf(here.length)).toEqual([]);
  expect(reads()).toBe(list.length);
});
