import { expect, test } from "vitest";
import { look, namesIn } from "../../src/gateway/measured.ts";
import { NO_SCOPE } from "../../src/gateway/profile.ts";
import { seenIn } from "../support/profile-gateway.ts";
import { PROFILES, profileFor } from "../support/profiles.ts";
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
    const profile = profileFor(version);
    expect(seenIn(probed.profile)).toEqual(seenIn(profile));
    expect(probed.letThrough).toEqual(
      namesIn(profile.methods).filter((name) => look(profile.methods, name) === NO_SCOPE),
    );
  },
);
