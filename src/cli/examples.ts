/** A command line that can be run as it stands, and what it is for. */
export interface Example {
  readonly line: string;
  readonly says: string;
}

/** Examples for the help of every command, by its path. A test runs each of them, and names the commands that have none. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  record: [
    { line: "gw-trace record", says: "stand before the Gateway of this machine until Ctrl-C" },
    { line: "OPENCLAW_GATEWAY_PORT=18777 openclaw status", says: "a client, led through it" },
    { line: "gw-trace record -- openclaw status", says: "both at once; ends when the client does" },
    { line: "gw-trace record -- openclaw gateway", says: "a Gateway, and its calls to itself" },
    {
      line: "gw-trace record --keep 256MB --save-on missing-scope",
      says: "for weeks, in bounded room, keeping what surrounds each refusal",
    },
  ],
  show: [
    { line: "gw-trace show last", says: "the newest recording" },
    {
      line: "gw-trace show sessions-spawn-77807 direct-agent-control",
      says: "a failing one, and what differs where the same call succeeded",
    },
    {
      line: "gw-trace show last --filter 'type==res && !ok' --frames",
      says: "only the answers that were refused, one a line",
    },
  ],
  explain: [
    { line: "gw-trace explain last", says: "every connection with a problem" },
    { line: "gw-trace explain sessions-spawn-77807 agent", says: "the connection that called it" },
  ],
  report: [
    { line: "gw-trace report last > issue.md", says: "Markdown to paste" },
    { line: "gw-trace report last -o report.md", says: "the same, never over a file" },
    {
      line: "gw-trace report sessions-spawn-77807 --html -o report.html",
      says: "one page to attach; make it from a copy that gw-trace scrub wrote",
    },
  ],
  tui: [
    { line: "gw-trace tui last", says: "the newest recording" },
    { line: "gw-trace tui --live -- openclaw status", says: "record and look at once" },
  ],
  replay: [
    {
      line: "gw-trace replay last -- openclaw gateway call health",
      says: "run a client against it and stop when it ends",
    },
    {
      line: "gw-trace replay --as client cli-health-2026.9.6 --url ws://127.0.0.1:18789",
      says: "try another Gateway with the recorded clients",
    },
    {
      line: "gw-trace replay last --listen 127.0.0.1:18789",
      says: "stand where the Gateway stood, until Ctrl-C",
    },
  ],
  check: [
    { line: "gw-trace check last", says: "fails when a finding is an error" },
    {
      line: "gw-trace check last --fail-on missing-scope --expect-scope operator.write --format junit",
      says: "for CI",
    },
  ],
  diff: [
    {
      line: "gw-trace diff cli-health-2026.5.4 cli-health-2026.9.6",
      says: "what an upgrade changed for the same client",
    },
    {
      line: "gw-trace diff cli-health-2026.5.4 cli-health-2026.9.6 --exit-code --no-payloads",
      says: "fail when handshakes, scopes or outcomes differ",
    },
  ],
  probe: [
    { line: "gw-trace probe", says: "the Gateway of this machine" },
    { line: "gw-trace probe -o mine.json", says: "keep its profile, for gw-trace profile diff" },
  ],
  measure: [
    {
      line: "gw-trace measure --openclaw ./openclaw -o next.json",
      says: "what the OpenClaw in this folder requires, before it is released",
    },
  ],
  "profile ls": [{ line: "gw-trace profile ls", says: "the versions whose rules come along" }],
  "profile history": [
    { line: "gw-trace profile history sessions.patch", says: "since when it needs what" },
    { line: "gw-trace profile history keepsScopesWithoutDevice", says: "the same of a rule" },
  ],
  "profile show": [{ line: "gw-trace profile show 2026.9.6", says: "what a version requires" }],
  "profile diff": [
    { line: "gw-trace profile diff 2026.5.4 2026.9.6", says: "what an upgrade changes" },
  ],
  import: [
    { line: "gw-trace import exported.jsonl", says: "prints the path of the recording" },
    { line: "gw-trace import - < exported.jsonl", says: "from standard input" },
  ],
  export: [
    {
      line: "gw-trace export last | jq 'select(.frame.method == \"connect\").frame.params.scopes'",
      says: "the scopes that each client asked for",
    },
    { line: "gw-trace export last -o last.har", says: "for browsers and proxies" },
    {
      line: "gw-trace export last --format otlp -o spans.json",
      says: "OpenTelemetry spans; --to sends them to a receiver instead",
    },
  ],
  scrub: [
    { line: "gw-trace scrub last shared.gwtrace", says: "a copy that tells nothing of anybody" },
    {
      line: "gw-trace scrub --check shared.gwtrace",
      says: "exits with 1 and names what is left: for commit hooks and CI",
    },
  ],
  minimize: [
    {
      line: "gw-trace minimize sessions-spawn-77807 --keep-finding missing-scope",
      says: "the reproduction for an issue",
    },
  ],
  merge: [
    {
      line: "gw-trace merge sessions-spawn-77807 direct-agent-control -o both.gwtrace",
      says: "one recording, by the wall clock",
    },
  ],
  cut: [
    {
      line: "gw-trace cut sessions-spawn-77807 --connection 1 -o one.gwtrace",
      says: "one connection",
    },
    {
      line: "gw-trace cut sessions-spawn-77807 --filter 'method==agent' -o calls.gwtrace",
      says: "what matches, with the handshakes",
    },
  ],
  info: [{ line: "gw-trace info last", says: "header, size, time, versions and counts" }],
  verify: [{ line: "gw-trace verify last", says: "exits with 1 when something is damaged" }],
  prune: [
    { line: "gw-trace prune --older-than 30d --dry-run", says: "what would be deleted" },
    { line: "gw-trace prune --older-than 30d --yes", says: "delete it, and do not ask" },
  ],
  ls: [{ line: "gw-trace ls", says: "the newest first" }],
  findings: [{ line: "gw-trace findings", says: "every code, and when it speaks" }],
  doctor: [
    { line: "gw-trace doctor", says: "what is there, and what to do about what is not" },
    { line: "gw-trace doctor --json", says: "the same, for a bug report" },
  ],
  completion: [
    {
      line: "source <(gw-trace completion bash)",
      says: "for this bash; put it into ~/.bashrc to keep it",
    },
    {
      line: "gw-trace completion fish > ~/.config/fish/completions/gw-trace.fish",
      says: "for every fish",
    },
  ],
  demo: [{ line: "gw-trace demo", says: "needs no OpenClaw and no network" }],
};
