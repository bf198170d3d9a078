import { once } from "node:events";
import { WebSocket } from "ws";
import type { NewEntry } from "../../src/recording/entry.ts";
import type { Answer, Asked } from "../support/scripted-gateway.ts";
import { namedEverywhere } from "./named-recording.ts";

/** A Gateway that takes everybody in, says `names` wherever it can, and refuses each call with another of them. */
export function answerAs(names: readonly string[]): (request: Asked) => Answer {
  let calls = 0;
  return ({ method, params }) => {
    const name = names[calls++ % names.length] ?? "";
    if (method === "connect") {
      return {
        payload: {
          type: "hello-ok",
          protocol: 4,
          server: { version: "2026.9.6", connId: name },
          features: { methods: ["status", "health", "agent", ...names], events: names },
          snapshot: { [name]: name },
          auth: { role: "operator", scopes: asksForNone(params["scopes"]) ? [] : names },
          policy: { tickIntervalMs: 30_000, [name]: name },
        },
      };
    }
    const details = { code: "MISSING_SCOPE", missingScope: name, requiredScopes: [name] };
    return calls % 5 === 3
      ? { error: { code: name, message: name, details: { ...details, code: name } } }
      : { error: { code: "FORBIDDEN", message: `missing scope: ${name}`, details } };
  };
}

/** True for what a probe asks for, which a Gateway has to take at its word. */
function asksForNone(scopes: unknown): boolean {
  return Array.isArray(scopes) && scopes.length === 0;
}

/** Connects to that port and says what the client of `namedEverywhere` says, each time after an answer. */
export async function speakAs(name: string, port: string): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
    headers: { "x-name": encodeURIComponent(name) },
  });
  await once(socket, "message");
  const accepted = namedEverywhere(name).filter(({ connection }) => connection === 1);
  for (const text of accepted.flatMap(saidByClient)) {
    socket.send(text);
    await once(socket, "message");
  }
  socket.close(1000, name.slice(0, 30));
  await once(socket, "close");
}

function saidByClient(entry: NewEntry): readonly string[] {
  if (entry.kind !== "message" || entry.from !== "client") return [];
  return entry.message.type === "text" ? [entry.message.text] : [];
}
