/** A command that runs a Gateway, as far as its arguments tell. */
export interface GatewayCommand {
  /** What stands before `gateway`: the program, and the options of every OpenClaw command. */
  readonly program: readonly string[];
  readonly port: number | null;
  readonly token: string | null;
  readonly profile: string | null;
  readonly isDev: boolean;
}

/** Options of `openclaw gateway` whose value is a word of its own. */
const WITH_VALUE = new Set([
  "--auth",
  "--bind",
  "--password",
  "--password-file",
  "--port",
  "--raw-stream-path",
  "--tailscale",
  "--token",
  "--ws-log",
]);

/**
 * Reads a command that runs an OpenClaw Gateway, as `openclaw gateway --port 18790` or `npx openclaw gateway run`; null for any
 * other, such as `openclaw gateway status`, which is a client.
 */
export function parseGatewayCommand(command: readonly string[]): GatewayCommand | null {
  const at = command.findIndex(
    (word, index) => index > 0 && word === "gateway" && command[index - 1] !== "--profile",
  );
  const program = command.slice(0, Math.max(at, 0));
  if (!program.some((word) => /openclaw/i.test(word))) return null;
  const { subcommand, values } = readArguments(command.slice(at + 1));
  if (subcommand !== null && subcommand !== "run") return null;
  const port = Number(values.get("--port"));
  return {
    program,
    port: Number.isInteger(port) && port > 0 ? port : null,
    token: values.get("--token") ?? null,
    profile: valueAfter(program, "--profile"),
    isDev: command.includes("--dev"),
  };
}

function readArguments(args: readonly string[]): {
  readonly subcommand: string | null;
  readonly values: ReadonlyMap<string, string>;
} {
  const values = new Map<string, string>();
  let subcommand: string | null = null;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    const [name = "", joined] = word.split(/=(.*)/s);
    if (!word.startsWith("-")) subcommand ??= word;
    else if (joined !== undefined) values.set(name, joined);
    else if (WITH_VALUE.has(word)) values.set(word, args[++i] ?? "");
  }
  return { subcommand, values };
}

function valueAfter(words: readonly string[], option: string): string | null {
  const joined = words.find((word) => word.startsWith(`${option}=`));
  if (joined !== undefined) return joined.slice(option.length + 1);
  const at = words.indexOf(option);
  return at < 0 ? null : (words[at + 1] ?? null);
}
