import type { ResponseFrame } from "../../../src/gateway/frame.ts";
import { deviceKeyFromPem } from "./device-key.ts";
import { type ClosedBy, type ConnectOptions, DirectClient } from "./direct-client.ts";

/** One connection as a script: who connects, and what is asked then. Plain JSON, so that another process can play it. */
export interface Conversation {
  readonly url: string;
  readonly connect: Omit<ConnectOptions, "device"> & { readonly devicePem?: string };
  readonly calls?: readonly (readonly [method: string, params?: unknown])[];
}

/** What the Gateway said to a conversation. Calls are not made when `connect` was refused. */
export interface Told {
  readonly connect: ResponseFrame;
  readonly calls: readonly ResponseFrame[];
  readonly closed: ClosedBy;
}

/** Holds conversations side by side: each connects in turn, all make their calls at once, each closes in turn. */
export async function converse(conversations: readonly Conversation[]): Promise<readonly Told[]> {
  const held: (readonly [DirectClient, ResponseFrame, Conversation])[] = [];
  for (const conversation of conversations) {
    const { devicePem, ...options } = conversation.connect;
    const device = devicePem === undefined ? {} : { device: deviceKeyFromPem(devicePem) };
    const client = await DirectClient.open(conversation.url);
    held.push([client, await client.connect({ ...options, ...device }), conversation]);
  }
  const answers = await Promise.all(
    held.map(([client, { ok }, { calls = [] }]) => makeCalls(client, ok ? calls : [])),
  );
  const told: Told[] = [];
  for (const [index, [client, connect]] of held.entries()) {
    const closed = await (connect.ok ? client.close() : client.waitForClose());
    told.push({ connect, calls: answers[index] ?? [], closed });
  }
  return told;
}

async function makeCalls(
  client: DirectClient,
  calls: NonNullable<Conversation["calls"]>,
): Promise<readonly ResponseFrame[]> {
  const answers: ResponseFrame[] = [];
  for (const [method, params] of calls) answers.push(await client.call(method, params));
  return answers;
}
