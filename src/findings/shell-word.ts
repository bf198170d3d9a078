/** True for an id as OpenClaw makes them: a word that a shell takes as it is, and that no program takes for an option. */
export function isPlainId(text: string): boolean {
  return /^\w[\w.:-]*$/.test(text);
}

/** A text as one word of a command for a POSIX shell: quoted where it needs to be, and never taken for an option. */
export function shellWord(text: string): string {
  if (/^[\w./][\w./:@%+,=-]*$/.test(text)) return text;
  // Without a backslash, since Markdown would take one away.
  const quoted = `'${text.replaceAll("'", `'"'"'`)}'`;
  return text.startsWith("-") ? `-- ${quoted}` : quoted;
}
