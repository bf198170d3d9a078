import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { renderOtlpAttributesMarkdown } from "../src/exchange/otlp-attributes.ts";
import { diagnose } from "../src/findings/diagnose.ts";
import { openRecording } from "../src/recording/reader.ts";
import type { Trace } from "../src/trace/model.ts";
import { readTrace } from "../src/trace/read.ts";
import { renderCatalogueMarkdown } from "../src/views/catalogue.ts";
import { renderFinding } from "../src/views/findings.ts";
import { PLAIN_STYLE } from "../src/views/style.ts";
import { openApp } from "./tui/running-app.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const README = path.join(ROOT, "README.md");

/** What stands between the markers of a section; with UPDATE_README=1 it is written instead of read. */
function section(name: string, generated: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `<!-- ${name}: end -->`];
  const readme = readFileSync(README, "utf8");
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  if (process.env["UPDATE_README"] === "1") {
    writeFileSync(README, readme.slice(0, from) + generated + readme.slice(to));
    return generated;
  }
  return readme.slice(from, to);
}

async function traceOf(name: string): Promise<Trace> {
  await using reader = await openRecording(path.join(ROOT, "recordings", `${name}.gwtrace`));
  return await readTrace(reader);
}

test("the README's table of findings is the catalogue", () => {
  const table = renderCatalogueMarkdown();
  expect(section("findings", table)).toBe(table);
});

test("the README's table of OpenTelemetry attributes is that of the code", () => {
  const table = renderOtlpAttributesMarkdown();
  expect(section("otlp attributes", table)).toBe(table);
});

test("the README tells the founding case as the tool does", async () => {
  const traces = [await traceOf("sessions-spawn-77807"), await traceOf("direct-agent-control")];
  const [finding] = diagnose(traces);
  const told = `\`\`\`\n${finding === undefined ? "" : renderFinding(finding, PLAIN_STYLE, true)}\n\`\`\`\n`;
  expect(section("founding case", told)).toBe(told);
});

test("the README shows the first screen of the founding case as the terminal UI paints it", async () => {
  const file = path.join(ROOT, "recordings", "sessions-spawn-77807.gwtrace");
  await using app = await openApp(file, { size: [80, 24] });
  await app.shows("SCOPE write");
  await app.shows("3 why");
  const shown = `\`\`\`\n${app.screen.lines().join("\n")}\n\`\`\`\n`;
  expect(section("screen", shown)).toBe(shown);
});

test("every npm script that the README names exists", () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const named = readFileSync(README, "utf8").matchAll(/npm (?:run )?([a-z:]+)/g);
  const missing = Array.from(named, ([, name = ""]) => name).filter(
    (name) => !["ci", "run"].includes(name) && scripts[name] === undefined,
  );
  expect(missing).toEqual([]);
});
