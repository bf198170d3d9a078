import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostRewriter } from "../../src/tap/host-rewriter.ts";

function rewrite(text: string, sizes: readonly number[] = []): string {
  const rewriter = new HostRewriter("gw.example");
  const bytes = Buffer.from(text, "latin1");
  const out: Uint8Array[] = [];
  let offset = 0;
  for (const size of sizes) {
    out.push(rewriter.rewrite(bytes.subarray(offset, offset + size)));
    offset += size;
  }
  out.push(rewriter.rewrite(bytes.subarray(offset)), rewriter.end());
  return Buffer.concat(out).toString("latin1");
}

const GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1:18777\r\nX-Host: keep\r\n\r\n";
const GOT = GET.replace("127.0.0.1:18777", "gw.example");
const UPGRADE = "GET /ws HTTP/1.1\r\nhost:a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const UPGRADED = UPGRADE.replace("host:a", "host:gw.example");
const POST = "POST /t HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nHost: b\r\n";
const POSTED = POST.replace("Host: a", "Host: gw.example");
const CHUNKED =
  "POST /t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nHost: b\r\n\r\n0\r\n\r\n";
const CHUNKS = CHUNKED.replace("Host: a", "Host: gw.example");

const CASES: readonly (readonly [name: string, sent: string, got: string])[] = [
  ["a request", GET, GOT],
  ["two pipelined", GET + GET, GOT + GOT],
  ["a body is left alone", POST + GET, POSTED + GOT],
  ["a chunked body is left alone", CHUNKED + GET, CHUNKS + GOT],
  ["frames after an upgrade", `${UPGRADE}\x81\x80HOSTGET / `, `${UPGRADED}\x81\x80HOSTGET / `],
  ["another request after an upgrade that was refused", UPGRADE + GET, UPGRADED + GOT],
  ["no HTTP", "\x16\x03\x01 Host: a\r\n\r\n", "\x16\x03\x01 Host: a\r\n\r\n"],
  ["HTTP that is cut short", "GET / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a"],
];

describe("the Host header for a Gateway behind TLS", () => {
  test.each(CASES)("%s", (_name, sent, got) => {
    expect(rewrite(sent)).toBe(got);
  });

  test.each(CASES)("%s, however it is cut", (_name, sent, got) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (sizes) => {
        expect(rewrite(sent, sizes)).toBe(got);
      }),
    );
  });
});
