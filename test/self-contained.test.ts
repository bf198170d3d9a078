import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");

const FILES = ["src", "test", "recordings"].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile() && /\.(?:[cm]?[jt]s|json|md|ya?ml)$/.test(found.name))
    .map((found) => path.relative(ROOT, path.join(found.parentPath, found.name))),
);

/** Files in which such a path is only a text: links made for a page, hostile arguments, and the examples below. */
const ONLY_SAID = new Set([
  "test/docs.test.ts",
  "test/fuzz/cli-arguments.test.ts",
  "test/self-contained.test.ts",
]);

/** Steps up from the folder of a file that leave the repository, as in `"../../../there"` and in `resolve("..", "..", "..")`. */
function stepsOutside(file: string, text: string): readonly string[] {
  const depth = file.split(path.sep).length - 1;
  return [...text.matchAll(/(?:\.\.\/)+[\w.-]*|(?:"\.\."(?:,\s*)?)+/g)]
    .map(([steps]) => steps)
    .filter((steps) => (steps.match(/\.\.(?=[/"])/g)?.length ?? 0) > depth);
}

test("nothing in the repository reaches for a file outside of it", () => {
  const reached = FILES.filter((file) => !ONLY_SAID.has(file))
    .map((file) => [file, stepsOutside(file, readFileSync(path.join(ROOT, file), "utf8"))])
    .filter(([, steps = []]) => steps.length > 0);
  expect(Object.fromEntries(reached)).toEqual({});
  expect(FILES.length).toBeGreaterThan(700);
});

test.each([
  ["test/a.test.ts", '"../../beside"', 1],
  ["test/a.test.ts", '"../src/beside"', 0],
  ["test/b/a.test.ts", 'resolve(here, "..", "..", "..", "beside")', 1],
  ["test/b/a.test.ts", 'resolve(here, "../..", "recordings")', 0],
])("in %s, %s is found %i times", (file, text, times) => {
  expect(stepsOutside(file, text)).toHaveLength(times);
});
