import { describe, expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { renderHttp } from "../../src/views/http.ts";
import { connect, conversation, helloOk, ok, req } from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const STYLE = { columns: 100, color: false };

function call(atMs: number, status: number | null, target = "/tools/invoke"): NewEntry[] {
  const times = { wallMs: 0, connection: 1 };
  return [
    { ...times, atMs, kind: "http-request", method: "POST", target, headers: [], redacted: false },
    ...(status === null
      ? []
      : [
          {
            ...times,
            atMs: atMs + 50,
            kind: "http-response",
            status,
            reason: "",
            headers: [],
            redacted: false,
          } as const,
        ]),
  ];
}

function selfCall(connection: number, startMs: number): readonly NewEntry[] {
  const backend = connect({ client: "gateway-client/backend" });
  return conversation({ connection, startMs }, backend, helloOk(), req("1", "agent"), ok("1"));
}

describe("the HTTP section", () => {
  test("is not there when there was no plain HTTP", () => {
    expect(renderHttp(traceOf([selfCall(1, 0)]), STYLE)).toBe("");
  });

  test("shows each call, and the self-calls that began while it waited", () => {
    const trace = traceOf([call(10, 200), selfCall(2, 20), selfCall(3, 200), call(300, 401, "/x\u001b")]);
    const lines = renderHttp(trace, STYLE).split("\n");
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["HTTP"],
      ["TIME", "ID", "REQUEST", "TOOK", "STATUS", "MEANWHILE"],
      ["+0.010", "1", "POST /tools/invoke", "50 ms", "200", "#2 agent"],
      ["+0.300", "1", expect.stringMatching(/^POST \/x[^\u001b]+$/), "50 ms", "401"],
    ]);
  }); // prettier-ignore

  test("shows how bodies begin, below their call, and why one is not there", () => {
    const [request, response] = call(10, 200);
    const body = {
      atMs: 61,
      wallMs: 0,
      connection: 1,
      kind: "http-body",
      redacted: false,
    } as const;
    const content = { type: "text", text: `{"a":"\u001b${"x".repeat(400)}"}` } as const;
    if (request === undefined || response === undefined) throw new Error("no call");
    const trace = traceOf([
      [
        request,
        { ...body, from: "client", content, omitted: null, sizeBytes: 408 },
        response,
        { ...body, from: "gateway", content: null, omitted: "cut short", sizeBytes: 5 },
      ],
    ]);
    const shown = renderHttp(trace, STYLE);
    expect(shown).toMatch(/-> 408 B {2}\{"a":"[^x\u001b]+x+/);
    expect(shown).toContain("…");
    expect(shown).not.toContain("\u001b");
    expect(shown).toContain("<- 5 B, not kept: cut short");
  });

  test("says when no answer came", () => {
    expect(renderHttp(traceOf([call(1, null)]), STYLE)).toContain("no answer");
    expect(renderHttp(traceOf([call(1, null)]), STYLE)).not.toContain("MEANWHILE");
  });
});
