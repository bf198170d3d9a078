// Makes a recording of so many messages: usage  node test/bench/tui-recording.mjs <file> [messages]
import { rmSync } from "node:fs";
import { createRecording } from "../../dist/recorder/writer.js";
import { conversation, HEADER } from "./tui-messages.mjs";

const [path, messages = "1000000"] = process.argv.slice(2);
rmSync(path, { force: true });
const writer = await createRecording(path, HEADER);
let count = 0;
for (const entry of conversation(Number(messages), 0.1)) {
  writer.append(entry);
  count += 1;
  if (count % 2000 === 0) await writer.whenRoom();
}
const closed = await writer.close();
process.stdout.write(
  `${closed.entries} entries, ${(closed.sizeBytes / 1e6).toFixed(1)} MB in ${path}\n`,
);
