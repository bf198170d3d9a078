import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import type { OtlpReceiver, ReceivedSpan } from "../support/otlp-receiver.ts";
import { decodeOtlp, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { challenge, connect, conversation, helloOk } from "../support/conversation.ts";
import { writeRecording } from "../support/written.ts";
import { runCli, type CliRun } from "../support/run-cli.ts";
import { spanNamed } from "../support/spans.ts";
import { temporaryFolder } from "../recording/sample.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const RECORDINGS = path.join(ROOT, "recordings");
const at = (name: string) => path.join(RECORDINGS, `${name}.gwtrace`);
const SHIPPED = (await readdir(RECORDINGS))
  .filter((file) => file.endsWith(".gwtrace") && !file.startsWith("from-the-future"))
  .map((file) => file.replace(/\.gwtrace$/, ""));

const exported = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(["export", "--format", "otlp", ...args], { env });

async function documentOf(name: string): Promise<readonly ReceivedSpan[]> {
  const { code, stdout, stderr } = await exported([at(name)]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return decodeOtlp(Buffer.from(stdout), "application/json");
}

describe("a shipped recording", () => {
  test.each(SHIPPED)("%s: a receiver gets what the document says, whole and once", async (name) => {
    await using receiver = await startOtlpReceiver();
    const run = await exported([at(name), "--to", receiver.url]);
    const document = await documentOf(name);
    expect(run).toEqual({
      code: 0,
      stdout: "",
      stderr: `sent ${document.length} spans to ${receiver.url}/v1/traces\n`,
    });
    expect(receiver.requests.map(({ path: asked, type }) => [asked, type])).toEqual([
      ["/v1/traces", "application/x-protobuf"],
    ]);
    expect(receiver.spans).toEqual(document);
    assertWellFormed(receiver.spans);
  });

  test.each(SHIPPED)("%s: its spans in outline", async (name) => {
    const spans = await documentOf(name);
    expect(spans.map(outline).join("\n")).toMatchSnapshot();
  });
});

test("#77807: the refused agent call is an error and carries the finding", async () => {
  await using receiver = await startOtlpReceiver();
  await exported([at("sessions-spawn-77807"), "--to", receiver.url]);
  const call = spanNamed(receiver.spans, "agent");
  expect(call).toMatchObject({
    kind: "SPAN_KIND_CLIENT",
    status: { code: "STATUS_CODE_ERROR", message: "missing scope: operator.write" },
    attributes: {
      "rpc.system.name": "openclaw",
      "rpc.method": "agent",
      "rpc.response.status_code": "INVALID_REQUEST",
      "openclaw.gateway.rpc.ok": false,
      "openclaw.gateway.rpc.scope.missing": "operator.write",
      "openclaw.gateway.scopes.requested": ["operator.write"],
      "openclaw.gateway.scopes.granted": [],
      "openclaw.gateway.version": "2026.5.4",
      "gw_trace.findings": ["missing-scope-dropped"],
      "gw_trace.recording": "sessions-spawn-77807",
      "gw_trace.connection": 1,
      "server.address": "100.64.0.5",
      "server.port": 18_789,
    },
    scope: expect.stringMatching(/^gw-trace \d/),
    resource: { "service.name": "gw-trace" },
  });
  expect(call.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    [
      "gw_trace.finding",
      expect.objectContaining({
        "gw_trace.finding.code": "missing-scope-dropped",
        "gw_trace.finding.severity": "error",
        "gw_trace.finding.evidence": [5, 6, 8, 9],
      }),
    ],
  ]);
  const root = receiver.spans.find(({ spanId }) => spanId === call.parentSpanId);
  expect(root).toMatchObject({
    traceId: call.traceId,
    parentSpanId: "",
    status: { code: "STATUS_CODE_ERROR" },
    attributes: { "gw_trace.peer.loopback": false, "gw_trace.scopes.effective": [] },
  });
});

describe("a receiver", () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
    return () => receiver[Symbol.asyncDispose]();
  });

  test("gets the headers and the service name that OpenTelemetry's variables name", async () => {
    await exported([at("cli-health-2026.9.6"), "--to", receiver.url], {
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=k1",
      OTEL_SERVICE_NAME: "gateway-fleet",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    });
    expect(receiver.requests[0]?.headers).toMatchObject({ "x-api-key": "k1" });
    expect(receiver.spans[0]?.resource).toMatchObject({
      "service.name": "gateway-fleet",
      "deployment.environment.name": "test",
    });
  });

  test("is the one that the variables name when --to names none", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    expect(await exported([at("cli-health-2026.9.6"), "--to"], env)).toMatchObject({ code: 0 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("hears nothing without --to, whatever the variables say", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    expect(await exported([at("cli-health-2026.9.6")], env)).toMatchObject({ code: 0 });
    expect(receiver.requests).toHaveLength(0);
  });

  test("gets the same ids each time, also of several recordings at once", async () => {
    const names = [at("cli-health-2026.9.6"), at("sessions-spawn-77807")];
    await exported([...names, "--to", receiver.url]);
    const first = receiver.spans.map(({ traceId, spanId }) => traceId + spanId);
    await exported([...names, "--to", receiver.url]);
    const both = receiver.spans.map(({ traceId, spanId }) => traceId + spanId);
    expect(new Set(first).size).toBe(first.length);
    expect(both).toEqual([...first, ...first]);
  });

  test("takes the document that was written to a file as it is", async () => {
    const file = path.join(await temporaryFolder(), "spans.json");
    expect(await exported([at("missing-scope-2026.9.6"), "-o", file])).toMatchObject({ code: 0 });
    const answer = await fetch(`${receiver.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: await readFile(file),
    });
    expect(answer.status).toBe(200);
    expect(receiver.spans.length).toBeGreaterThan(0);
    assertWellFormed(receiver.spans);
    const again = await exported([at("missing-scope-2026.9.6"), "-o", file]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is there already") });
  });
});

test("a recording that holds credentials in clear is not sent, a scrubbed copy is", async () => {
  await using receiver = await startOtlpReceiver();
  const folder = await temporaryFolder();
  const [clear, copy] = [path.join(folder, "clear.gwtrace"), path.join(folder, "copy.gwtrace")];
  const talk = conversation({}, challenge(), connect(), helloOk());
  await writeRecording(clear, [talk], { redaction: "off" });
  const refused = await exported([clear, "--to", receiver.url]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("in clear") });
  expect(receiver.requests).toEqual([]);
  await runCli(["scrub", clear, copy, "--level", "credentials"]);
  expect(await exported([copy, "--to", receiver.url])).toMatchObject({ code: 0 });
  expect(receiver.spans).toHaveLength(2);
});

test("a receiver that refuses is said in one line, with what it took", async () => {
  await using receiver = await startOtlpReceiver(() => 401);
  const run = await exported([at("cli-health-2026.9.6"), "--to", receiver.url]);
  expect(run).toMatchObject({ code: 3, stdout: "" });
  expect(run.stderr).toMatch(
    /^gw-trace: http:\/\/127\.0\.0\.1:\d+\/v1\/traces took 0 of \d+ spans: HTTP 401 .*\n$/,
  );
});

test("a receiver that rejects some of the spans is said in one line, with what it took", async () => {
  const partial = { rejectedSpans: 2, errorMessage: "span too old" };
  await using receiver = await startOtlpReceiver(() => 200, 0, partial);
  const run = await exported([at("cli-health-2026.9.6"), "--to", receiver.url]);
  expect(run).toMatchObject({ code: 3, stdout: "" });
  const total = receiver.spans.length;
  expect(run.stderr).toMatch(
    new RegExp(`/v1/traces took ${total - 2} of ${total} spans: span too old\\b`),
  );
});

test("a receiver that only warns has taken all", async () => {
  const partial = { rejectedSpans: 0, errorMessage: "use another field" };
  await using receiver = await startOtlpReceiver(() => 200, 0, partial);
  const run = await exported([at("cli-health-2026.9.6"), "--to", receiver.url]);
  expect(run).toMatchObject({ code: 0 });
});

test("a receiver that is not there is said in one line", async () => {
  const gone = await startOtlpReceiver();
  await gone[Symbol.asyncDispose]();
  const run = await exported([at("cli-health-2026.9.6"), "--to", gone.url], {
    OTEL_EXPORTER_OTLP_TIMEOUT: "200",
  });
  expect(run).toMatchObject({ code: 3, stdout: "" });
  expect(run.stderr).toMatch(/^gw-trace: .* took 0 of \d+ spans: .*ECONNREFUSED.*\n$/);
});

test.each([
  [["last", "--to", "localhost:4318"], /is no http:\/\/ or https:\/\/ URL/],
  [[at("cut-short"), "--to"], /no OTLP receiver is named/],
  [[at("cut-short"), "--to", "http://127.0.0.1:9", "-o", "x"], /exclude each other/],
])("%j is wrong usage", async (args, says) => {
  expect(await exported(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
});

describe("without OpenTelemetry's packages", () => {
  let run: (...args: readonly string[]) => Promise<CliRun>;

  beforeEach(async () => {
    const folder = await temporaryFolder();
    await cp(path.join(ROOT, "dist"), path.join(folder, "dist"), { recursive: true });
    await cp(path.join(ROOT, "package.json"), path.join(folder, "package.json"));
    await mkdir(path.join(folder, "node_modules"));
    for (const name of await readdir(path.join(ROOT, "node_modules"))) {
      if (name.startsWith(".") || name === "@opentelemetry") continue;
      await symlink(path.join(ROOT, "node_modules", name), path.join(folder, "node_modules", name));
    }
    run = async (...args) => {
      const main = path.join(folder, "dist/cli/main.js");
      return promisify(execFile)(process.execPath, [main, ...args]).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: CliRun) => error,
      );
    };
  });

  test("everything else works, and OTLP says what to install", async () => {
    expect(await run("--version")).toMatchObject({ code: 0 });
    expect(await run("show", at("cli-health-2026.9.6"))).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await run("export", at("cut-short"), "--format", "otlp");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^gw-trace: OTLP needs OpenTelemetry's packages, and @opentelemetry\/[\w-]+ is not installed\. Install them .*: npm install @opentelemetry\/api@1 .*\n$/,
    );
  });
});

function assertWellFormed(spans: readonly ReceivedSpan[]): void {
  const ids = spans.map(({ traceId, spanId }) => `${traceId}-${spanId}`);
  expect(new Set(ids).size).toBe(ids.length);
  for (const span of spans) {
    expect(span.end >= span.start).toBe(true);
    expect(span.start > 1_700_000_000n * 1_000_000_000n).toBe(true);
    if (span.parentSpanId === "") continue;
    const parent = spans.find(
      ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
    );
    // No shipped recording has a traceparent, so each parent is there, and holds what is in it.
    expect(parent).toBeDefined();
    if (parent === undefined) continue;
    expect(span.start >= parent.start && span.end <= parent.end).toBe(true);
  }
}

function outline({ name, parentSpanId, status, attributes, events }: ReceivedSpan): string {
  const error = status.code === "STATUS_CODE_ERROR" ? `  ERROR ${status.message}` : "";
  const findings = attributes["gw_trace.findings"];
  const found = Array.isArray(findings) ? `  [${findings.join(", ")}]` : "";
  const count = events.length === 0 ? "" : `  ${events.length} events`;
  return `${parentSpanId === "" ? "" : "  "}${name}${count}${error}${found}`;
}
