import { expect, test } from "vitest";
import { distinctNames } from "../../src/recording/names.ts";

test.each([
  [
    ["/a/x.gwtrace", "/a/y.gwtrace"],
    ["x", "y"],
  ],
  [
    ["/a/x.gwtrace", "/b/x.gwtrace", "/b/y.gwtrace"],
    ["a/x", "b/x", "y"],
  ],
  [
    ["/1/run/x.gwtrace", "/2/run/x.gwtrace"],
    ["1/run/x", "2/run/x"],
  ],
  [
    ["/run/x.gwtrace", "/2/run/x.gwtrace", "/x.gwtrace"],
    ["run/x", "2/run/x", "x"],
  ],
  [
    ["/a/x.gwtrace", "/a/x.gwtrace", "/a/x.gwtrace"],
    ["a/x", "a/x (2)", "a/x (3)"],
  ],
  [
    ["/a/x.gwtrace", "/a/x"],
    ["a/x", "a/x (2)"],
  ],
  [["-"], ["-"]],
])("%j are %j", (paths, names) => {
  const distinct = distinctNames(paths);
  expect(new Set(distinct).size).toBe(paths.length);
  expect(distinct.map((name) => name.replace(/^(?:[^/]+\/)+(?=a\/x)/, ""))).toEqual(names);
});
