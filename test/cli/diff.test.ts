import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-diff-"));
  const talk = (...answers: Parameters<typeof conversation>[1][]) => [
    conversation(
      {},
      challenge(),
      connect({ device: "d", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      ...answers,
      close("client"),
    ),
  ];
  await writeRecording(join(folder, "worked.gwtrace"), talk(req("1", "status"), ok("1")));
  await writeRecording(
    join(folder, "fails.gwtrace"),
    talk(req("1", "status"), refused("1", "UNAVAILABLE", "busy")),
  );
});

afterAll(() => rm(folder, { recursive: true }));

test("two that are equal: exit code 0", async () => {
  const run = await runCli(["diff", "worked.gwtrace", "worked.gwtrace", "--exit-code"], {
    cwd: folder,
  });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toContain("no difference; compared: 1 connection, 1 call, 1 payload");
});

test("two that differ: exit code 1 only when asked for", async () => {
  const args = ["diff", "worked.gwtrace", "fails.gwtrace"];
  const run = await runCli(args, { cwd: folder });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toContain("status  ok -> UNAVAILABLE busy");
  expect(await runCli([...args, "--exit-code"], { cwd: folder })).toMatchObject({
    code: 1,
    stdout: run.stdout,
  });
});

test("--json is one document, and --filter narrows what is compared", async () => {
  const args = ["diff", "worked.gwtrace", "fails.gwtrace", "--json"];
  const { stdout } = await runCli(args, { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({
    a: "worked",
    b: "fails",
    same: false,
    connections: [{ a: 1, b: 1 }],
  });
  const filtered = await runCli([...args, "--filter", "methd==x"], { cwd: folder });
  expect(filtered).toMatchObject({ code: 2, stdout: "" });
  expect(filtered.stderr).toContain("did you mean method");
});

test("a recording that is not there is one line", async () => {
  const run = await runCli(["diff", "worked.gwtrace", "nowhere"], { cwd: folder });
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr.trim().split("\n")).toHaveLength(1);
});
