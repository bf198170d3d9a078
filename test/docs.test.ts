import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { diagnose } from "../src/findings/diagnose.ts";
import { openRecording } from "../src/recording/reader.ts";
import type { Trace } from "../src/trace/model.ts";
import { readTrace } from "../src/trace/read.ts";
import { type Binding, KEYMAP, renderKey } from "../src/tui/keymap.ts";
import { renderCatalogueMarkdown } from "../src/views/catalogue.ts";
import { renderFinding } from "../src/views/findings.ts";
import { PLAIN_STYLE } from "../src/views/style.ts";
import { anchorsOf, linksOf, PAGE_FILES, readPage, ROOT } from "./support/pages.ts";
import { openApp } from "./tui/running-app.ts";

const PAGES = PAGE_FILES.map(readPage);

/** What stands between the markers of a section; with UPDATE_README=1 it is written instead of read. */
function section(file: string, name: string, generated: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `<!-- ${name}: end -->`];
  const { text } = readPage(file);
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(from, `${file} marks ${name}`).toBeGreaterThanOrEqual(begin.length);
  expect(to, `${file} marks ${name}`).toBeGreaterThanOrEqual(from);
  if (process.env["UPDATE_README"] === "1") {
    writeFileSync(path.join(ROOT, file), text.slice(0, from) + generated + text.slice(to));
    return generated;
  }
  return text.slice(from, to);
}

async function traceOf(name: string): Promise<Trace> {
  await using reader = await openRecording(path.join(ROOT, "recordings", `${name}.gwtrace`));
  return await readTrace(reader);
}

test("the table of findings is the catalogue", () => {
  const table = renderCatalogueMarkdown();
  expect(section("src/findings/README.md", "findings", table)).toBe(table);
});

test("the table of keys is that of the terminal UI", () => {
  const bindings: readonly Binding[] = KEYMAP;
  const rows = bindings.map(({ keys, help, panes = [] }) => {
    const shown = keys.map((key) => `\`${renderKey(key)}\``).join(" ");
    return `| ${shown.replaceAll("|", "\\|")} | ${help} | ${panes.join(", ")} |\n`;
  });
  const table = `| key | does | only in |\n| --- | --- | --- |\n${rows.join("")}`;
  expect(section("src/tui/README.md", "keys", table)).toBe(table);
});

test("the regression test that is shown is the one that runs", () => {
  const source = readFileSync(path.join(ROOT, "test/examples/sessions-spawn.test.ts"), "utf8");
  const shown = source
    .slice(source.indexOf("import { expect"), source.indexOf("\nfunction newDevice"))
    .replace("../../src/vitest.ts", "gw-trace/vitest")
    .replace("../../recordings/", "./");
  const block = `\`\`\`ts\n${shown}\`\`\`\n`;
  expect(section("src/vitest/README.md", "regression test", block)).toBe(block);
});

test("the README tells the founding case as the tool does", async () => {
  const traces = [await traceOf("sessions-spawn-77807"), await traceOf("direct-agent-control")];
  const [finding] = diagnose(traces);
  const told = `\`\`\`\n${finding === undefined ? "" : renderFinding(finding, PLAIN_STYLE, true)}\n\`\`\`\n`;
  expect(section("README.md", "founding case", told)).toBe(told);
});

test("the README shows the first screen of the founding case as the terminal UI paints it", async () => {
  const file = path.join(ROOT, "recordings", "sessions-spawn-77807.gwtrace");
  await using app = await openApp(file, { size: [80, 24] });
  await app.shows("SCOPE write");
  await app.shows("3 why");
  const shown = `\`\`\`\n${app.screen.lines().join("\n")}\n\`\`\`\n`;
  expect(section("README.md", "screen", shown)).toBe(shown);
});

test("every npm script that the pages name exists", () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const missing = PAGES.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/npm (?:run )?([a-z:]+)/g), ([, name = ""]) => ({ file, name })),
  ).filter(({ name }) => !["ci", "run"].includes(name) && scripts[name] === undefined);
  expect(missing).toEqual([]);
});

test("every link leads to a heading or a file that the package ships", () => {
  const { files } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  expect(files).toContain("src/*/README.md");
  const ships = (file: string): boolean =>
    PAGE_FILES.includes(file) || files.some((one: string) => `${file}/`.startsWith(`${one}/`));
  const dead = PAGES.flatMap((page) =>
    linksOf(page).filter((link) => {
      const [target = "", anchor] = link.split("#");
      const file = target === "" ? page.file : path.join(path.dirname(page.file), target);
      const leadsToFile = ships(file) && existsSync(path.join(ROOT, file));
      return !leadsToFile || (anchor !== undefined && !anchorsOf(readPage(file)).includes(anchor));
    }),
  );
  expect(dead).toEqual([]);
});

test("a page is reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const file of reached)
    for (const link of linksOf(readPage(file))) {
      const [target = ""] = link.split("#");
      if (target.endsWith(".md")) reached.add(path.join(path.dirname(file), target));
    }
  expect(PAGE_FILES.filter((file) => !reached.has(file))).toEqual([]);
});
