// Writes a recording at a steady pace: usage  node test/bench/tui-writer.mjs <file> <messages a second> <seconds>
import { createRecording } from "../../dist/recorder/writer.js";
import { conversation, HEADER } from "./tui-messages.mjs";

const [path, perSecond, seconds] = process.argv.slice(2);
const count = Number(perSecond) * Number(seconds);
const startedMs = performance.now();
const writer = await createRecording(path, HEADER);
const entries = conversation(count, 1000 / Number(perSecond));
let written = 0;
for (;;) {
  const due = Math.min(count, ((performance.now() - startedMs) / 1000) * Number(perSecond));
  while (written < due) {
    const { value, done } = entries.next();
    if (done) break;
    writer.append(value);
    written += 1;
  }
  if (written >= count) break;
  await writer.whenRoom();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await writer.close();
