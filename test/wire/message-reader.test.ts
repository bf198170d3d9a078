import * as fc from "fast-check";
import { Receiver } from "ws";
import { expect, test } from "vitest";
import { MessageReader } from "../../src/wire/message-reader.ts";
import { closeBody, frame } from "./frames.ts";
import type { Message, Side } from "../../src/wire/message.ts";

const MAX_MESSAGE_BYTES = 100_000;

interface Read {
  readonly messages: unknown[];
  readonly state: "more" | "concluded" | "failed";
}

function shown(message: Message): unknown {
  if (message.type === "text") return ["text", message.text];
  if (message.type === "close") return ["close", message.code, message.reason];
  return [message.type, Buffer.from(message.bytes).toString("hex")];
}

/** What is read of bytes that begin anywhere in their memory and come in such pieces. */
function read(from: Side, bytes: Buffer, sizes: readonly number[], before: number): Read {
  const messages: unknown[] = [];
  let state: Read["state"] = "more";
  const reader = new MessageReader({
    from,
    deflate: null,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    onMessage: (message) => messages.push(shown(message)),
  });
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const piece = bytes.subarray(at, at + size);
    const memory = Buffer.alloc(before + piece.length);
    memory.set(piece, before);
    if (piece.length > 0 && state === "more") {
      reader.read(memory.subarray(before), (outcome) => (state = outcome.state));
      // The memory is the caller's again.
      memory.fill(0x55);
    }
    at += size;
  }
  return { messages, state };
}

/** What ws itself makes of them. */
function readByWs(from: Side, bytes: Buffer): Read {
  const messages: unknown[] = [];
  let isOver = false;
  const maxPayload = MAX_MESSAGE_BYTES;
  const receiver = new Receiver({ isServer: from === "client", extensions: {}, maxPayload });
  receiver.on("error", () => undefined);
  receiver.on("message", (data: Buffer, isBinary: boolean) =>
    messages.push(isBinary ? ["binary", data.toString("hex")] : ["text", data.toString()]),
  );
  receiver.on("ping", (data: Buffer) => messages.push(["ping", data.toString("hex")]));
  receiver.on("pong", (data: Buffer) => messages.push(["pong", data.toString("hex")]));
  receiver.on("conclude", (code: number, reason: Buffer) => {
    isOver = true;
    messages.push(["close", code === 1005 ? null : code, reason.toString()]);
  });
  receiver.write(Buffer.from(bytes));
  return {
    messages,
    state: receiver.errored !== null ? "failed" : isOver ? "concluded" : "more",
  };
}

const aText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.integer({ min: 0, max: 70_000 }).map((length) => "é".repeat(length / 2)),
  fc.constant("a \ufffd b"),
  fc.constant("x".repeat(MAX_MESSAGE_BYTES + 1)),
);

const aPayload = fc.oneof(
  { weight: 4, arbitrary: aText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 999, max: 1016 }).map((code) => closeBody(code, "bye")),
  },
);

function aFrame(from: Side): fc.Arbitrary<Buffer> {
  const masked = fc.oneof(
    { weight: 20, arbitrary: fc.constant(from === "client") },
    { weight: 1, arbitrary: fc.boolean() },
  );
  const opcode = fc.oneof(
    { weight: 6, arbitrary: fc.constant(1) },
    { weight: 4, arbitrary: fc.constantFrom(0, 2, 8, 9, 10) },
    { weight: 1, arbitrary: fc.nat(15) },
  );
  const fin = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false));
  const reserved = fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(7));
  return fc
    .tuple(aPayload, opcode, fin, masked, reserved)
    .map(([payload, op, isFinal, isMasked, bits]) =>
      frame(payload, { opcode: op, fin: isFinal, masked: isMasked, reserved: bits }),
    );
}

test.each(["client", "gateway"] as const)("what the %s sends is read as ws reads it, however it is cut", (from) => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 80_000 })), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(aFrame(from), { maxLength: 6 }), sizes, fc.nat(9), (frames, cuts, before) => {
      const bytes = Buffer.concat(frames);
      expect(read(from, bytes, cuts, before)).toEqual(readByWs(from, bytes));
    }),
    { numRuns: 400 },
  );
}); // prettier-ignore

test("a frame of 20 MB that comes in small pieces is joined once", () => {
  const text = "0123456789abcdef".repeat((20 * 1024 * 1024) / 16);
  const messages: Message[] = [];
  const reader = new MessageReader({
    from: "client",
    deflate: null,
    maxMessageBytes: text.length,
    onMessage: (message) => messages.push(message),
  });
  const bytes = frame(text, { masked: true });
  for (let at = 0; at < bytes.length; at += 100) {
    reader.read(Buffer.from(bytes.subarray(at, at + 100)), () => undefined);
  }
  expect(messages).toEqual([{ type: "text", text }]);
  expect(reader.unfinishedBytes()).toBe(0);
});
