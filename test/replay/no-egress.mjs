// Preloaded into a process under test: every socket that Node opens, but for its standard streams, passes through one of these handles of libuv.
import { createHook } from "node:async_hooks";
import { appendFileSync } from "node:fs";

const WATCHED = /^(?:TCP|PIPECONNECT|PIPESERVER|UDP|GETADDRINFO|GETNAMEINFO|QUERY)/;
const log = process.env.EGRESS_LOG;

createHook({
  init(_id, type) {
    if (WATCHED.test(type)) appendFileSync(log, `${type}\n`);
  },
}).enable();
