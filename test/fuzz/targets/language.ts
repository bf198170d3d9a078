import { matchesFilter } from "../../../src/filter/filter.ts";
import { parseFilter } from "../../../src/filter/parse.ts";
import { SubjectReader } from "../../../src/filter/subject.ts";
import { PROFILES } from "../../support/profiles.ts";
import { parseProfile } from "../../../src/gateway/profile.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  numbered,
  refused,
  req,
} from "../../support/conversation.ts";
import { traceOf } from "../../support/traces.ts";
import type { FuzzTarget } from "../target.ts";
import { FRAME_WORDS } from "./meaning.ts";

const TALK = [
  conversation(
    {},
    challenge(),
    connect(),
    helloOk(),
    req("1", "agent"),
    refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
  ),
];
const ENTRIES = numbered(...TALK);
const SUBJECTS = new SubjectReader(traceOf(TALK), []);

/** The filter language: every text is a filter or has a problem at a place in it. */
export const filters: FuzzTarget = {
  name: "filter language",
  words: ["==", "!=", "~", "<", ">", " in ", "&&", "||", "!", "(", ")", "[", "]", ",", '"', "'", "/", "\\", "conn", "method", "ok", "size>4kB", "latency>100ms", "99999999999999999999", "\u0000", "\ud83d\ude00", "(a+)+$"],
  inputs: () =>
    ["type==res && !ok", "method in [agent, chat.send] || size>4kB", "!(conn==c2 && latency<100ms)", 'method~"sess" && scope==write', "finding~missing code==FORBIDDEN"].map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString("utf8");
    const parsed = parseFilter(text);
    if (parsed.ok) return ENTRIES.map((entry) => (matchesFilter(parsed.filter, SUBJECTS.read(entry)) ? "1" : "0")).join("");
    const { position, message } = parsed.problem;
    if (position < 1 || position > text.length + 1) throw new Error(`a problem at ${position} of ${text.length}`);
    return message.replaceAll(/".*"|\d+/g, "#").slice(0, 40);
  },
}; // prettier-ignore

/** Profiles that came from a file. */
export const profiles: FuzzTarget = {
  name: "profile",
  words: [...FRAME_WORDS, '"methods":{', '"implies":{', '"version":"'],
  inputs: () => PROFILES.map((profile) => Buffer.from(JSON.stringify({ ...profile, methods: { health: "read" }, events: {} }))),
  run(input) {
    const parsed = parseProfile(input.toString("utf8"));
    return parsed.ok ? "a profile" : parsed.reason;
  },
}; // prettier-ignore
