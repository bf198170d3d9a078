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

/** Holds one conversation from the first frame to the close. */
export async function converse({ url, connect, calls = [] }: Conversation): Promise<Told> {
  const { devicePem, ...options } = connect;
  const device = devicePem === undefined ? {} : { device: deviceKeyFromPem(devicePem) };
  await using client = await DirectClient.open(url);
  const answer = await client.connect({ ...options, ...device });
  if (!answer.ok) return { connect: answer, calls: [], closed: await client.waitForClose() };
  const answers: ResponseFrame[] = [];
  for (const [method, params] of calls) answers.push(await client.call(method, params));
  return { connect: answer, calls: answers, closed: await client.close() };
}
