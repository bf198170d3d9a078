import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NewEntry } from "../../src/recording/entry.ts";
import { openRecording, type RecordingReader } from "../../src/recording/reader.ts";
import { createRecording, type RecordingWriter } from "../../src/recorder/writer.ts";
import { App, type AppOptions } from "../../src/tui/app.ts";
import type { LiveState } from "../../src/tui/state.ts";
import { renderCount } from "../../src/tui/paint/format.ts";
import { RecordingFeed } from "../../src/tui/reading/recording-feed.ts";
import { HEADER } from "../support/traces.ts";
import { FakeInput, FakeOutput } from "./fake-terminal.ts";

/** A terminal UI that runs in this process, on a recording in a temporary folder. */
export interface RunningApp extends AsyncDisposable {
  readonly screen: FakeOutput;
  readonly keyboard: FakeInput;
  /** The recording's writer; still open when `live`. */
  readonly writer: RecordingWriter;
  /** Types keys, one after the other, and waits for what was asked of the recording and for the screen after each. */
  press(...keys: readonly string[]): Promise<void>;
  /** Waits until the screen shows the text. */
  shows(text: string): Promise<void>;
  /** Resolves when the program ended. */
  readonly ended: Promise<void>;
}

interface RunOptions extends Partial<Omit<AppOptions, "live">> {
  readonly size?: readonly [columns: number, rows: number];
  readonly live?: boolean;
  /** The recording session that the screen is to tell of. */
  readonly session?: LiveState;
}

/** Writes the entries as a recording, opens the UI on it, and waits until it is read. */
export async function runApp(
  entries: readonly NewEntry[],
  options: RunOptions = {},
): Promise<RunningApp> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-tui-"));
  const path = join(folder, "scripted.gwtrace");
  const writer = await createRecording(path, HEADER);
  let last = 0;
  for (const entry of entries) last = writer.append(entry).entry;
  if (options.live !== true) await writer.close();
  const running = await openApp(path, options);
  await running.shows(last === 0 ? "no frames" : ` of ${renderCount(last)} `);
  return {
    ...running,
    writer,
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      await writer.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Opens the UI on a recording that is there. */
export async function openApp(
  path: string,
  options: RunOptions = {},
): Promise<Omit<RunningApp, "writer">> {
  const reader = await openRecording(path);
  const reads = countReads(reader);
  const { size = [80, 24], live: _live, session: _session, ...look } = options;
  const [columns, rows] = size;
  const screen = new FakeOutput(columns, rows);
  const keyboard = new FakeInput();
  const app = new App(
    new RecordingFeed(reader),
    { input: keyboard, output: screen },
    { charset: "unicode", theme: "default", mouse: true, ...look, live: options.session ?? null },
  );
  const ended = app.run();
  return {
    screen,
    keyboard,
    ended,
    press: async (...keys) => {
      for (const key of keys) {
        keyboard.write(key);
        do {
          await screen.settle();
          await screen.settle();
        } while (reads.pending > 0);
      }
    },
    shows: (text) => until(screen, text),
    [Symbol.asyncDispose]: async () => {
      // They may be taken for the end of what was typed before, or close what is open: then more are needed.
      const insisting = setInterval(() => keyboard.write("\x03"), 100);
      keyboard.write("\x03\x03");
      await ended.finally(() => clearInterval(insisting));
      await reader.close();
    },
  };
}

/** What the keys asked for may still be on its way from the disk. */
function countReads(reader: RecordingReader): { readonly pending: number } {
  const reads = { pending: 0 };
  const read = reader.read.bind(reader);
  reader.read = async (first, count) => {
    reads.pending += 1;
    try {
      return await read(first, count);
    } finally {
      reads.pending -= 1;
    }
  };
  return reads;
}

async function until(screen: FakeOutput, text: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    await screen.settle();
    if (screen.text().includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the screen never showed ${JSON.stringify(text)}:\n${screen.text()}`);
}
