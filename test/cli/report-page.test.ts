import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attribute, elementsOf, named } from "../support/parsed-page.ts";
import { runCli } from "../support/run-cli.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FAILING = path.join(ROOT, "recordings/sessions-spawn-77807.gwtrace");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-page-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("report --html writes one page, and never over a file", async () => {
  const file = path.join(folder, "page.html");
  expect(await runCli(["report", FAILING, "--html", "-o", file])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "",
  });
  const page = await readFile(file, "utf8");
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toContain("<h1>sessions-spawn-77807: 2 errors</h1>");
  expect((await runCli(["report", FAILING, "--html", "-o", file])).code).toBe(2);
  expect((await runCli(["report", FAILING, "--html"])).stdout).toBe(page);
  expect((await runCli(["report", FAILING, "--html", "-o", "-"])).stdout).toBe(page);
});

test("the script in the page is the one that the policy lets in", async () => {
  const { stdout } = await runCli(["report", FAILING, "--html"]);
  const elements = elementsOf(stdout);
  const scripts = named(elements, "script").map(({ childNodes }) =>
    childNodes.map((node) => ("value" in node ? node.value : "")).join(""),
  );
  expect(scripts).toEqual([await readFile(path.join(ROOT, "dist/page/report.js"), "utf8")]);
  const hash = createHash("sha256").update(scripts.join()).digest("base64");
  const policies = named(elements, "meta").map((meta) => attribute(meta, "content") ?? "");
  expect(policies.filter((policy) => policy.includes(`script-src 'sha256-${hash}'`))).toHaveLength(
    1,
  );
});

test("a page of a scrubbed copy tells of no device and no address, and says what was taken out", async () => {
  const source = path.join(ROOT, "recordings/cli-health-2026.5.4.gwtrace");
  const copy = path.join(folder, "clean.gwtrace");
  expect((await runCli(["scrub", source, copy, "--level", "identifiers"])).code).toBe(0);
  const before = await runCli(["report", source, "--html"]);
  const after = await runCli(["report", copy, "--html"]);
  const devices = new Set(Array.from(before.stdout.matchAll(/[0-9a-f]{64}/g), ([id]) => id));
  expect(devices.size).toBeGreaterThan(0);
  for (const device of devices) expect(after.stdout).not.toContain(device);
  expect(before.stdout).toContain("Texts, ids and addresses are as they crossed the wire");
  expect(after.stdout).toContain("Credentials and identifiers were scrubbed.");
});
