// Gateway frames as they are on the wire: ids, times, names and prose that vary, so that nothing repeats within a block.

import { createRandom } from "../support/random.mjs";

const WORDS = (
  "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were " +
  "all her she there would their we him been has when who will no more if out so up said what its about than into them can only " +
  "other time new some could these two may first then do any like my now over such our man me even most made after also did many " +
  "session agent gateway model channel message tool result request token budget context window summary plan search file folder " +
  "meeting calendar invoice customer weather tomorrow reminder draft reply thread budget quarter report deploy branch commit test " +
  "please could check again whether works before sending because yesterday Monday Berlin seven twelve forty percent minutes"
).split(" ");

const METHODS = [
  "sessions.list",
  "chat.history",
  "agent",
  "agent.wait",
  "node.list",
  "cron.list",
  "status",
];
const STREAMS = ["assistant", "tool", "lifecycle"];

/** Makes frames of about a size. `sizes` is what a frame has in UTF-8 bytes, give or take a word. */
export function createFrames(seed, sizeBytes, count) {
  const random = createRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const hex = (length) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const prose = (length) => {
    let text = pick(WORDS);
    while (text.length < length) text += ` ${pick(WORDS)}`;
    return text.slice(0, Math.max(0, length));
  };
  const fill = (build) => {
    const empty = JSON.stringify(build("")).length;
    return JSON.stringify(build(prose(sizeBytes - empty)));
  };
  let now = 1_763_870_000_000;
  let seq = 0;
  const requests = [];
  const answers = [];
  for (let i = 0; i < count; i++) {
    now += Math.floor(random() * 40);
    const id = uuid();
    const sessionKey = `agent:main:${pick(WORDS)}`;
    requests.push(
      fill((text) => ({
        type: "req",
        id,
        method: pick(METHODS),
        params: { sessionKey, message: text, limit: 50 },
      })),
    );
    seq += 1;
    answers.push(
      random() < 0.5
        ? fill((text) => ({
            type: "res",
            id,
            ok: true,
            payload: { status: "ok", ts: now, sessionKey, text },
          }))
        : fill((text) => ({
            type: "event",
            event: "agent",
            payload: { runId: id, stream: pick(STREAMS), ts: now, data: { text } },
            seq,
          })),
    );
  }
  return { requests, answers };
}
