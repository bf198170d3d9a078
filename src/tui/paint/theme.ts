/** What a piece of the screen means. A theme says how it looks; nothing is told by the look alone. */
export type Style =
  | "text"
  | "faint"
  | "title"
  | "focus"
  | "error"
  | "warning"
  | "response"
  | "event"
  | "key"
  | "ok"
  | "match"
  | "bar";

/** The names that `--theme` takes. */
export type ThemeName = "default" | "light" | "mono" | "cb";

/** Terminal attributes as blessed packs them: flags, foreground and background in nine bits each. */
export type Theme = Readonly<Record<Style, number>>;

const DEFAULT_COLOUR = 0x1ff;
const BOLD = 1;
const UNDERLINE = 2;

/** The bit that swaps foreground and background. */
export const REVERSE = 8 << 18;

/** The look of plain text: the terminal's own colours. */
export const PLAIN = attributes(0);

/** All themes by name. */
export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  // Never blue on black, never red against green as the only difference: both are hard to see for many.
  default: {
    ...plainTheme(),
    error: attributes(BOLD, 1),
    warning: attributes(0, 3),
    response: attributes(0, 6),
    key: attributes(0, 6),
    ok: attributes(0, 2),
    match: attributes(UNDERLINE | BOLD, 3),
  },
  light: {
    ...plainTheme(),
    error: attributes(BOLD, 1),
    warning: attributes(BOLD, 5),
    response: attributes(0, 4),
    key: attributes(0, 4),
    match: attributes(UNDERLINE | BOLD, 5),
  },
  mono: plainTheme(),
  cb: {
    ...plainTheme(),
    error: attributes(BOLD, 208),
    warning: attributes(0, 220),
    response: attributes(0, 33),
    key: attributes(0, 33),
    ok: attributes(0, 33),
    match: attributes(UNDERLINE | BOLD, 220),
  },
};

function plainTheme(): Theme {
  return {
    text: PLAIN,
    faint: PLAIN,
    title: PLAIN,
    focus: attributes(BOLD),
    error: attributes(BOLD),
    warning: attributes(UNDERLINE),
    response: PLAIN,
    event: PLAIN,
    key: PLAIN,
    ok: PLAIN,
    match: attributes(UNDERLINE | BOLD),
    bar: attributes(BOLD),
  };
}

function attributes(flags: number, foreground = DEFAULT_COLOUR): number {
  return (flags << 18) | (foreground << 9) | DEFAULT_COLOUR;
}
