import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { shellWord } from "../../src/findings/pairing.ts";
import { renderExplanation } from "../../src/views/explain.ts";
import { renderMarkdownReport } from "../../src/views/report-markdown.ts";
import { renderShow } from "../../src/views/show.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import { challenge, connect, conversation, refused } from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

import path from "node:path";

const HOSTILE = [
  "7f3a$(touch canary)",
  "`touch canary`",
  "x; touch canary",
  "x && touch canary #",
  "x | touch canary",
  "x\ntouch canary\n",
  "x\r\ntouch canary",
  "x'; touch canary; '",
  `x"; touch canary; "`,
  "x\\'; touch canary; \\'",
  "x > canary",
  "<(touch canary)",
  "-x",
  "--help",
  "~",
  "$HOME",
  "*",
  "two words",
  "",
  "!!",
  "#",
  "${IFS}touch${IFS}canary",
  "x'\"'; touch canary; '\"'",
];

const REASONS = ["not-paired", "scope-upgrade", "role-upgrade", "metadata-upgrade", "other"];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-commands-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs a command as it stands, with a stand-in for openclaw, and gives what that was told. The folder must stay empty. */
function pasted(command: string): readonly string[] {
  const script = `openclaw() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}\n`;
  const { stdout } = spawnSync("sh", ["-c", script], { cwd: folder, encoding: "utf8" });
  expect({ command, ran: existsSync(path.join(folder, "canary")) }).toEqual({ command, ran: false });
  return stdout.split("\0").slice(0, -1);
} // prettier-ignore

function refusedFor(requestId: string, reason = "not-paired") {
  const details = { code: "PAIRING_REQUIRED", reason, requestId };
  const entries = conversation(
    {},
    challenge(),
    connect({ device: "d", scopes: ["operator.read"] }),
    refused("connect-1", "NOT_PAIRED", `pairing required: ${reason}`, details),
  );
  const trace = traceOf([entries]);
  return { trace, findings: diagnose([trace]) };
}

/** The command at the end of a text, as it would be selected and copied. */
function commandIn(text: string): string {
  const command = /openclaw\s+devices\s+approve\s[\s\S]*/.exec(text)?.[0];
  if (command === undefined) throw new Error(`no command stands in ${text}`);
  return command;
}

describe.each(HOSTILE.map((id) => [JSON.stringify(id), id]))("the id %s", (_, id) => {
  test.each(REASONS)("is one word of the command that approves it (%s), and flagged", (reason) => {
    const { findings } = refusedFor(id, reason);
    const [fix = ""] = findings.map((finding) => finding.fix);
    expect(pasted(commandIn(fix)).filter((word) => word !== "--")).toEqual(["devices", "approve", id]);
    expect(fix).toContain("OpenClaw makes none with such characters");
  }); // prettier-ignore

  test("runs nothing as any view shows it", () => {
    const { trace, findings } = refusedFor(id);
    const [connection] = trace.connections;
    if (connection === undefined) throw new Error("there is no connection");
    const shown = [
      renderShow([trace], findings, PLAIN_STYLE),
      renderShow([trace], findings, { columns: 60, color: false }),
      renderExplanation(trace, connection, findings, PLAIN_STYLE),
      renderMarkdownReport([trace], findings, new Map()),
    ];
    const commands = shown
      .filter((view) => /openclaw\s+devices\s+approve/.test(view))
      // What follows in the view is no part of the command.
      .map((view) => commandIn(view).split(/\n\s*(?:evidence|contrast|\*\*)/)[0] ?? "");
    expect(commands.length).toBeGreaterThan(2);
    // As it stands, over several lines where it is wrapped, and put together again.
    for (const command of commands) {
      pasted(command);
      pasted(command.replaceAll(/\n\s+/g, " "));
    }
  });

  test("is one word wherever a command is put together", () => {
    expect(pasted(`openclaw ${shellWord(id)}`).filter((word) => word !== "--")).toEqual([id]);
  });
});

test.each(["7f3a", "c0ffee-1234", "req_1", "a.b:c"])("the plain id %s stands as it is", (id) => {
  const [finding] = refusedFor(id).findings;
  expect(finding?.fix).toMatch(new RegExp(`^Approve it .*: openclaw devices approve ${id}$`));
});
