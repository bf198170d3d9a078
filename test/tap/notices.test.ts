import { describe, expect, test } from "vitest";
import { readingOf } from "../../src/recording/frame-reading.ts";
import { NoticeBoard, type Notice } from "../../src/tap/notices.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { client, conversation, gateway, numbered, type Step } from "../support/conversation.ts";
import { SPELLINGS } from "../support/spellings.ts";

interface Board {
  readonly board: NoticeBoard;
  readonly notices: Notice[];
  readonly findings: Finding[];
  readonly add: (entries: readonly Entry[]) => void;
}

function createBoard(onNotice?: (notice: Notice) => void): Board {
  const notices: Notice[] = [];
  const findings: Finding[] = [];
  const board = new NoticeBoard({
    onNotice: (notice) => {
      onNotice?.(notice);
      notices.push(notice);
    },
    onFinding: (finding) => findings.push(finding),
  });
  const add = (entries: readonly Entry[]): void => {
    for (const entry of entries) board.add(entry, readingOf(entry));
  };
  return { board, notices, findings, add };
}

const CLIENT = { id: "cli", mode: "cli", version: "1", platform: "linux" };
const CONNECT = {
  type: "req",
  id: "c",
  method: "connect",
  params: { client: CLIENT, scopes: ["operator.write"] },
};
const HELLO = {
  type: "res",
  id: "c",
  ok: true,
  payload: { type: "hello-ok", server: { version: "2026.5.4" }, auth: { scopes: [] } },
};
const ERROR = { code: "INVALID_REQUEST", message: "missing scope: operator.write" };

describe.each(SPELLINGS)("of frames written %s", (_name, write) => {
  const call = (id: number, ok: boolean): Step[] => [
    client(write({ type: "req", id: `${id}`, method: ok ? "health" : "agent", params: { id } })),
    gateway(write({ type: "event", event: "tick", seq: id, payload: { ok: false } })),
    gateway(
      write(
        ok
          ? { type: "res", id: `${id}`, ok, payload: { note: '"ok":false' } }
          : { type: "res", id: `${id}`, ok, error: ERROR },
      ),
    ),
  ];

  test.each([10, 1000])("a call that fails after %i others is found while it is open", (others) => {
    const { board, notices, findings, add } = createBoard();
    const steps = Array.from({ length: others }, (_, i) => call(i, true)).flat();
    const entries = numbered(
      conversation(
        {},
        client(write(CONNECT)),
        gateway(write(HELLO)),
        ...steps,
        ...call(others, false),
      ),
    );
    add(entries.slice(0, -1));
    expect(notices.map(({ kind }) => kind)).toEqual(["decided"]);
    board.look();
    expect(findings.map(({ code }) => code)).toContain("missing-scope-dropped");
    add(entries.slice(-1));
    expect(notices.at(-1)).toMatchObject({ kind: "closed", calls: others + 1, failed: 1 });
    expect(new Set(findings.map(({ code }) => code)).size).toBe(findings.length);
  });
});

test("a fault costs the lines about its connection, and no other", () => {
  const { notices, add } = createBoard(({ connection }) => {
    if (connection.id === 1) throw new Error("a fault of ours");
  });
  const steps = [client(CONNECT), gateway(HELLO)];
  add(
    numbered(conversation({ connection: 1 }, ...steps), conversation({ connection: 2 }, ...steps)),
  );
  expect(notices.map(({ kind, connection }) => [kind, connection.id])).toEqual([
    ["decided", 2],
    ["closed", 2],
  ]);
});
