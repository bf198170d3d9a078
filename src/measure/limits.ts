import { signDevice } from "../gateway/device.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { CUSTOM_ORIGIN, deviceOf, SHARED, type Case, type Setup } from "./case.ts";
import { Client } from "./client.ts";
import { meetCase } from "./meet.ts";

/** Rules that no decision on a connect or a call rests on: each is asked for by itself. */
export type Limits = Partial<Profile>;

/** What a Gateway of that setup tells of the limits of its version. */
export async function askLimits(url: string, setup: Setup): Promise<Limits> {
  switch (setup) {
    case "token":
      return {
        clockSkewMs: await askClockSkew(url),
        firstFrameBytes: await askFirstFrame(url),
        roleRefusalsInARow: await askRoleRefusals(url),
        requestsBeforeHello: await askEarlyRequests(url),
        webchatChangesSessions: await askWebchat(url),
        seqCounts: await askSeq(url),
      };
    case "password":
      return { customSchemeOriginIsNull: await askCustomOrigin(url) };
    case "none":
      return { handshakeTimeoutMs: await askPatience(url) };
    case "far":
      return {};
  }
}

/** Milliseconds until a client that says nothing is sent away, in whole seconds: the first of several, for a busy machine is late. */
async function askPatience(url: string): Promise<Profile["handshakeTimeoutMs"]> {
  const waits = Array.from({ length: 3 }, async () => {
    await using client = new Client(url);
    await client.challenged();
    const from = performance.now();
    await client.end();
    return performance.now() - from;
  });
  const [first = 0] = (await Promise.all(waits)).toSorted((a, b) => a - b);
  return Math.round(first / 1000) * 1000;
}

async function askClockSkew(url: string): Promise<Profile["clockSkewMs"]> {
  const isTaken = (offMs: number): Promise<boolean> =>
    connects(url, `a clock that is ${offMs} ms off`, Date.now() + offMs);
  // A little within, since time goes on until the Gateway looks.
  const [late, early, tooLate, tooEarly] = [await isTaken(-110_000), await isTaken(110_000), await isTaken(-121_000), await isTaken(131_000)]; // prettier-ignore
  return late && early && !tooLate && !tooEarly ? 120_000 : NOT_MEASURED;
}

/** The largest first frame that is parsed; false where even a large one is. */
async function askFirstFrame(url: string): Promise<Profile["firstFrameBytes"]> {
  const isParsed = async (bytes: number): Promise<boolean> => {
    await using client = new Client(url);
    await client.challenged();
    const frame = JSON.stringify({ type: "req", id: "1", method: "connect", params: { filler: "" } }); // prettier-ignore
    client.send(frame.replace('"filler":""', `"filler":"${"x".repeat(bytes - frame.length)}"`));
    const close = await client.end();
    return !("code" in close && close.code === 1009);
  };
  let [fits, tooLarge] = [1024, 1 << 20];
  if (await isParsed(tooLarge)) return false;
  while (tooLarge - fits > 1) {
    const middle = (fits + tooLarge) >> 1;
    if (await isParsed(middle)) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

const MANY_ROLE_REFUSALS = 40;

async function askRoleRefusals(url: string): Promise<Profile["roleRefusalsInARow"]> {
  await using client = new Client(url);
  await greet(client, "who asks for what is a node's");
  for (let answers = 0; answers < MANY_ROLE_REFUSALS; answers++) {
    const answer = await client.call("node.pending.pull", {});
    const again = answer ?? (await client.call("node.invoke.result", {}));
    if (again === null) return answers;
  }
  return false;
}

const MANY_EARLY_REQUESTS = 32;

/** How many requests in the same breath as connect are answered. */
async function askEarlyRequests(url: string): Promise<Profile["requestsBeforeHello"]> {
  const areAnswered = async (count: number): Promise<boolean> => {
    await using client = new Client(url);
    const hello = greet(client, `who is in a hurry for ${count}`);
    await client.challenged();
    // After the connect, which is sent as soon as the challenge is there.
    await Promise.resolve().then(() => undefined);
    const calls = Array.from({ length: count }, () => client.call("health", {}));
    return (await Promise.all([hello, ...calls])).every(Boolean);
  };
  let count = 0;
  while (count < MANY_EARLY_REQUESTS && (await areAnswered(count + 1))) count += 1;
  return count === MANY_EARLY_REQUESTS ? NOT_MEASURED : count;
}

/** Whether a chat in a browser that holds all scopes is refused what others are let do. */
async function askWebchat(url: string): Promise<Profile["webchatChangesSessions"]> {
  const { seen } = await meetCase(url, {
    name: "a chat in a browser",
    setup: "token",
    meetings: [
      {
        client: "webchat-ui/webchat",
        scopes: ["operator.admin"],
        auth: { token: "right" },
        device: true,
        headers: { Origin: "http://127.0.0.1:5173" },
        calls: [["sessions.patch", { key: "agent:main:none", label: "x" }]],
      },
    ],
  });
  const call = seen[0]?.calls[0];
  return call === undefined || call === null
    ? NOT_MEASURED
    : !/webchat/i.test(call.error?.message ?? "");
}

/** What `seq` counts: the first event of a late client has number 1, or that of the whole Gateway. */
async function askSeq(url: string): Promise<Profile["seqCounts"]> {
  await using client = new Client(url);
  await greet(client, "who listens");
  await using other = new Client(url);
  await greet(other, "who makes a noise");
  await other[Symbol.asyncDispose]();
  const event = await client.until("an event", () => client.events.find(({ seq }) => seq !== null));
  if (event?.seq == null) return NOT_MEASURED;
  return event.seq === 1 ? "connection" : "gateway";
}

async function askCustomOrigin(url: string): Promise<Profile["customSchemeOriginIsNull"]> {
  const { seen } = await meetCase(url, {
    name: "an allowed Origin of a custom scheme",
    setup: "password",
    meetings: [
      {
        client: "openclaw-control-ui/ui",
        scopes: [],
        auth: { password: "right" },
        device: true,
        headers: { Origin: CUSTOM_ORIGIN },
      },
    ],
  });
  const handshake = seen[0]?.handshake;
  if (handshake?.kind === "hello") return false;
  return handshake?.kind === "refused" && /origin/i.test(handshake.error.message) ? true : NOT_MEASURED; // prettier-ignore
}

async function connects(url: string, name: string, signedAtMs: number): Promise<boolean> {
  await using client = new Client(url);
  return await greet(client, name, signedAtMs);
}

/** Connects as the CLI with a device and all that it may ask for. */
async function greet(client: Client, name: string, signedAtMs?: number): Promise<boolean> {
  const nonce = (await client.challenged()) ?? "";
  const one: Case = { name, setup: "token", meetings: [] };
  const params = {
    minProtocol: 3,
    maxProtocol: 4,
    client: { id: "cli", mode: "cli", version: "1.0.0", platform: "linux" },
    role: "operator",
    scopes: ["operator.read", "operator.write", "operator.admin"],
    caps: [],
    auth: { token: SHARED },
  };
  const device = signDevice(deviceOf(one), params, { nonce, signedAtMs: signedAtMs ?? Date.now() });
  const answer = await client.call("connect", { ...params, device });
  return answer?.ok === true;
}
