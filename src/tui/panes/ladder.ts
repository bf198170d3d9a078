import type { Canvas, Rect } from "../paint/canvas.ts";
import { renderOffset, renderSpan } from "../paint/format.ts";
import type { FrameRow } from "../reading/frame-row.ts";
import type { State } from "../state.ts";
import type { Style } from "../paint/theme.ts";

const TIME_WIDTH = 11;

/** Paints the frames in view as two lines from top to bottom: requests and answers as arrows, events dotted between. */
export function paintLadder(canvas: Canvas, inside: Rect, state: State): void {
  const { recording, frames } = state;
  const connection = recording.trace.connections.find(({ id }) => id === frames.connection);
  const client = connection?.handshake.connect?.client;
  const version = connection?.handshake.hello?.serverVersion;
  const span = inside.width - TIME_WIDTH - 4;
  const left = inside.x + TIME_WIDTH + 2;
  const names = [client?.id ?? "client", `Gateway ${version ?? ""}`.trimEnd()] as const;
  canvas.put(left, inside.y, names[0], "focus", span >> 1);
  canvas.put(left + span - names[1].length + 1, inside.y, names[1], "focus", span >> 1);
  for (let row = 0; row < inside.height - 1; row++) {
    const entry = frames.list.entryAt(frames.top + row);
    if (entry === null) break;
    const y = inside.y + row + 1;
    const frame = state.source.row(entry);
    const offset = renderOffset(frame.atMs - state.timeReferenceMs);
    const flag = `${entry === frames.selected ? ">" : " "}${frame.problem ? "!" : " "}`;
    canvas.put(inside.x, y, flag + offset.padStart(TIME_WIDTH - 2), styleOf(frame), TIME_WIDTH);
    canvas.put(left, y, drawLine(frame, span, state.charset === "ascii"), styleOf(frame), span + 1);
    if (entry === frames.selected) canvas.reverse(inside.x, y, inside.width);
  }
}

// |---- #12 req agent ---->|, with dots for what nobody asked for.
function drawLine(frame: FrameRow, width: number, ascii: boolean): string {
  const [bar, dash] = ascii ? ["|", "-"] : ["│", "─"];
  const room = width - 1;
  const label = ` ${labelOf(frame)} `.slice(0, Math.max(0, room - 4));
  if (frame.from === null || frame.type === "end") {
    const padded = `${"=".repeat(Math.max(0, (room - label.length) >> 1))}${label}`;
    return bar + padded.padEnd(room, "=") + bar;
  }
  const line = frame.type === "evt" || frame.type === "ping" || frame.type === "pong" ? "- " : dash;
  const before = Math.max(1, (room - 1 - label.length) >> 1);
  const after = Math.max(0, room - 1 - label.length - before);
  const fill = (count: number): string => line.repeat(count).slice(0, count);
  const shaft = fill(before) + label + fill(after);
  return frame.from === "client" ? `${bar}${shaft}>${bar}` : `${bar}<${shaft}${bar}`;
}

function labelOf({ entry, type, what, result, latencyMs }: FrameRow): string {
  const took = latencyMs === null ? "" : renderSpan(latencyMs);
  const name = type === "http" || type === "open" || type === "end" ? what : `${type} ${what}`;
  return [`#${entry}`, name, result, took].filter((part) => part.trim() !== "").join("  ");
}

function styleOf({ problem, type }: FrameRow): Style {
  if (problem) return "error";
  return type === "res" ? "response" : "text";
}
