import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { openApp } from "./running-app.ts";

const FOLDER = fileURLToPath(new URL("../../recordings/", import.meta.url));

const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".gwtrace") && file !== "from-the-future.gwtrace")
  .toSorted();

// What someone sees who opens a shipped recording and presses nothing.
describe.each(NAMES)("%s", (name) => {
  test.each([
    [80, 24],
    [120, 40],
  ] as const)("first screen at %ix%i", async (columns, rows) => {
    await using reader = await openRecording(FOLDER + name);
    let entries = 0;
    for await (const { entry } of reader.entries()) entries = entry;
    await using app = await openApp(FOLDER + name, { size: [columns, rows] });
    await app.shows(` of ${entries} `);
    // The detail of the selected frame comes a moment later.
    await app.shows(columns === 80 ? "3 Diagnosis" : ">  {");
    await app.screen.settle();
    expect(app.screen.text()).toMatchSnapshot();
  });
});
