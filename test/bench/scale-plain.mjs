// What one writes without a tool: every line of a capture in JSON lines parsed, and the calls that failed counted.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const found = { calls: 0, failed: 0, events: 0 };
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const { frame } = JSON.parse(line);
  if (frame.type === "req") found.calls += 1;
  else if (frame.type === "event") found.events += 1;
  else if (!frame.ok) found.failed += 1;
}
console.log(JSON.stringify(found));
