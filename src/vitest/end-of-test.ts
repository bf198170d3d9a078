import { onTestFinished } from "vitest";
import type { OpenGateway, ReplayGatewayOptions, TestGateway } from "./gateway.ts";

/**
 * Ties what is being started to the test that runs now: it is closed at the test's end, and what is left to check is checked there,
 * so that it fails that test, and only if it did not fail by itself. Outside a test, as in `beforeAll`, `close` does both.
 */
export function tieToTest(
  starting: Promise<OpenGateway>,
  options: Pick<ReplayGatewayOptions, "onTestFinished">,
): Promise<TestGateway> {
  const atEnd = options.onTestFinished ?? onTestFinished;
  const isTied = tryTo(() => {
    atEnd(async ({ task }) => {
      const gateway = await starting.catch(() => null);
      await gateway?.close();
      await gateway?.finish(task.result?.state !== "fail");
    });
  });
  return isTied ? starting : starting.then(closedForGood);
}

function closedForGood(gateway: OpenGateway): TestGateway {
  let finished: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (finished ??= gateway.close().then(() => gateway.finish(true)));
  return { ...gateway, close, [Symbol.asyncDispose]: close };
}

/** `onTestFinished` throws where there is no test. */
function tryTo(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
