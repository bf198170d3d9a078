import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodedForms, plainForm, undoEscapes } from "../../src/redaction/spellings.ts";

describe("undoEscapes", () => {
  test.each([
    [String.raw`a\"b`, 'a"b'],
    [String.raw`a\\\"b`, 'a"b'],
    [String.raw`\u0041\\u0042`, "AB"],
    [String.raw`\u005cn`, "n"],
    ["%41%2542%25252F", "AB/"],
    ["%C3%A9%F0%9F%A6%9E", "é🦞"],
    ["%zz %2 100%", null],
    ["%FF", "\ufffd"],
    ["%5C%22", '"'],
    ["no escapes", null],
    ["\\\\\\", ""],
  ])("%j reads %j", (text, plain) => {
    expect(undoEscapes(text)?.text ?? null).toBe(plain);
  });

  test("each character is where it was, however often it is escaped", () => {
    const encodings = [
      JSON.stringify,
      (text: string) => JSON.stringify(text).slice(1, -1),
      encodeURIComponent,
      (text: string) => text,
    ];
    const encoding = fc.array(fc.constantFrom(...encodings), { maxLength: 3 });
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), encoding, (before, value, after, how) => {
        const encode = (text: string) => how.reduce((left, one) => one(left), text);
        fc.pre(!/[%\\]/.test(before + value + after) && value !== "");
        const text = encode(`${before}#${value}#${after}`);
        const undone = undoEscapes(text) ?? {
          text,
          starts: Uint32Array.from({ length: text.length + 1 }, (_, at) => at),
        };
        const start = undone.text.indexOf(`#${plainForm(value)}#`);
        expect(start).toBeGreaterThanOrEqual(0);
        const [from, to] = [start + 1, start + 1 + plainForm(value).length];
        const original = text.slice(undone.starts[from], undone.starts[to]);
        expect(plainForm(original)).toBe(plainForm(value));
      }),
    );
  });
});

test("a value is found in base64, base64 for URLs and hexadecimal, whatever stands around it", () => {
  const bytes = fc.uint8Array({ maxLength: 8 });
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), bytes, bytes, (value, before, after) => {
      const all = Buffer.concat([before, Buffer.from(value), after]);
      const forms = encodedForms(value);
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        const encoded = all.toString(encoding);
        expect(forms.some((form) => encoded.includes(form))).toBe(true);
      }
    }),
  );
});
