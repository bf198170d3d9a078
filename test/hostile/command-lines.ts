import path from "node:path";

const SHIPPED = path.resolve(import.meta.dirname, "../../recordings");
const BESIDE = path.join(SHIPPED, "missing-scope-2026.9.6.gwtrace");
const NODE = process.execPath;

/** Every way in which a command can print something of the recording `file`; in a folder of its own, since some write files. */
export function readingLines(file: string): readonly (readonly string[])[] {
  return [
    ["show", file],
    ["show", file, "--json"],
    ["show", file, BESIDE],
    ["show", file, "--frames"],
    ["show", file, "--tail", "50"],
    ["show", file, "--filter", "ok==false"],
    ...["event", "method", "code"].map((field) => ["show", file, "--filter", `${field}==AB`]),
    ["explain", file],
    ["explain", file, "--with", BESIDE],
    ...["c1", "c2", "c3"].map((connection) => ["explain", file, connection]),
    ["report", file],
    ["report", file, "--html"],
    ...["text", "json", "junit", "sarif", "github"].map((format) => ["check", file, "--format", format]),
    ["check", file, "--expect-scope", "operator.write", "--expect-method", "agent"],
    ["diff", file, BESIDE],
    ["diff", BESIDE, file],
    ["diff", file, file],
    ["diff", file, BESIDE, "--json"],
    ["info", file],
    ["info", file, "--json"],
    ["verify", file],
    ["verify", file, "--json"],
    ["ls"],
    ["ls", "--json"],
    ["export", file],
    ["export", file, "--format", "har"],
    ["export", file, "--format", "otlp"],
    ["scrub", file, "--check"],
    ["scrub", file, "--check", "--level", "content", "--json"],
    ...["credentials", "identifiers", "content"].map((level) => ["scrub", file, `${level}.gwtrace`, "--level", level]),
    ["minimize", file, "--keep-finding", "missing-scope", "-o", "minimal.gwtrace"],
    ["minimize", file, "--keep-finding", "no-such-finding", "-o", "none.gwtrace"],
    ["merge", file, BESIDE, "-o", "merged.gwtrace"],
    ["cut", file, "--connection", "1", "-o", "cut.gwtrace"],
    ["cut", file, "--filter", "ok==false", "-o", "filtered.gwtrace", "--json"],
    ["prune", "--older-than", "1ms", "--dry-run"],
    ...["text", "markdown"].map((format) => ["replay", file, "-o", `${format}.gwtrace`, "--format", format, "--", NODE, "-e", ""]),
    ["replay", file, "-o", "json.gwtrace", "--json", "--", NODE, "-e", ""],
    ["tui", file],
    ["__complete", "--", "show", ""],
  ]; // prettier-ignore
}

/** Every way to play the clients of a recording to a Gateway, and to probe that Gateway. */
export function talkingLines(file: string, url: string): readonly (readonly string[])[] {
  const played = ["replay", "--as", "client", file, "--url", url, "--max-wait", "300"];
  return [
    ["probe", "--url", url],
    ["probe", "--url", url, "--json"],
    ["probe", "--url", url, "-o", "probed.json"],
    [...played, "-o", "played.gwtrace"],
    [...played, "-o", "played-json.gwtrace", "--json"],
    [...played, "-o", "played-markdown.gwtrace", "--format", "markdown"],
  ];
}
