import { expect, test } from "vitest";
import { PROFILES, profileFor } from "../../src/gateway/profile.ts";
import { probeProfile } from "../../src/probe/probe.ts";
import { startGateway } from "./harness/gateway.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { SHARED_TOKEN } from "./harness/state.ts";

test.each(OPENCLAW_VERSIONS)(
  "the profile of OpenClaw %s is what a probe finds",
  async (version) => {
    await using gateway = await startGateway({ version });
    const probed = await probeProfile({ url: gateway.url, auth: { token: SHARED_TOKEN } });
    expect(PROFILES.map((profile) => profile.version)).toContain(version);
    expect(probed.profile).toEqual(profileFor(version));
    expect(probed.letThrough).toEqual(profileFor(version).freeMethods);
    expect(probed.rulesFrom).toBe(version);
  },
);
