import { afterEach } from "vitest";
import { runningProcesses } from "./process.ts";

const LINES = 60;

// What a Gateway or a tap said is the first thing one wants to read when a live test fails.
afterEach(({ task }) => {
  if (task.result?.state !== "fail") return;
  for (const child of runningProcesses()) {
    const tail = `${child.stdout}${child.stderr}`.trimEnd().split("\n").slice(-LINES).join("\n");
    process.stderr.write(`--- ${child.command.join(" ")}\n${tail}\n`);
  }
});
