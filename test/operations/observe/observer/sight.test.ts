import fc from 'fast-check';

import { isUnsettled } from '../../../../lib/operations/observe/observation';
import { ZONES } from '../../../support/cluster';
import type { FakeProbe } from '../../../support/fake-probe';
import { Rig } from '../rig';

const [A] = ZONES;

const split = <T>(items: readonly T[], at: number): [T[], T[]] => [items.slice(0, at), items.slice(at)];

describe('what an observer sees in time', () => {
  it('a killed holder: written as refused and silent within 0.5 s, at whatever moment it dies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 999 }), fc.integer(), async (phaseMs, seed) => {
        const rig = new Rig({ seed });
        rig.start(A);
        await rig.clock.advance(7_000 + phaseMs);

        rig.node('fs-a').kill();
        const tookMs = await rig.clock.until(() => rig.seen('fs-a', A)?.esl.verdict === 'refused', 2_000, 1);

        expect(rig.seen('fs-a', A)?.sip['main']?.verdict).toBe('silent');
        expect(tookMs).toBeLessThanOrEqual(500);
      }),
      { numRuns: 40 },
    );
  });

  it('a frozen holder: missed often enough for a suspicion within 2.2 s of the freeze', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 999 }), fc.integer(), async (phaseMs, seed) => {
        const rig = new Rig({ seed });
        rig.start(A);
        await rig.clock.advance(7_000 + phaseMs);

        rig.node('fs-a').condition = 'frozen';
        const suspected = (): boolean =>
          (rig.seen('fs-a', A)?.eslMisses ?? 0) >= 3 && (rig.seen('fs-a', A)?.sipMisses['main'] ?? 0) >= 3;
        const tookMs = await rig.clock.until(suspected, 4_000, 1);

        expect(tookMs).toBeLessThanOrEqual(2_210);
      }),
      { numRuns: 40 },
    );
  });

  it('a SIP stack that resets is stuck only after as many deadlines as misses, not after four quick resets', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_500);

    rig.node('fs-a').condition = 'sip-reset';
    const tookMs = await rig.clock.until(() => (rig.seen('fs-a', A)?.sipMisses['main'] ?? 0) >= 4, 4_000, 1);

    expect(tookMs).toBeGreaterThanOrEqual(3 * rig.topology.policy.probeTimeoutMs);
  });

  it('goes back to the interval once it knows', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(7_000);
    rig.node('fs-a').kill();
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;

    const before = probe.lookedAtMs.length;
    await rig.clock.advance(10_000);

    expect(probe.lookedAtMs.length - before).toBe(10);
  });

  it('looks on a grid that does not drift, once it is warm', async () => {
    const rig = new Rig();
    const observer = rig.start(A);

    await rig.clock.advance(600_000);

    const [cold, looks] = split((observer.probes.get('fs-a') as FakeProbe).lookedAtMs, 4);
    expect(cold).toEqual([0, 400, 800, 1_200]);
    expect(looks).toEqual(looks.map((_, index) => 2_000 + index * 1_000));
    expect(looks.length).toBe(599);
  });

  it('a node that hangs up without end is not looked at without end', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;

    const before = probe.lookedAtMs.length;
    for (let times = 0; times < 1_000; times += 1) {
      rig.node('fs-a').dropConnections();
      await rig.clock.advance(10);
    }

    expect(probe.lookedAtMs.length - before).toBeLessThanOrEqual(10_000 / 400 + 1);
  });

  it('a dead node whose connections close again and again is no news', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    rig.node('fs-b').kill();
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-b') as FakeProbe;

    const before = probe.lookedAtMs.length;
    for (let times = 0; times < 50; times += 1) {
      rig.node('fs-b').dropConnections();
      await rig.clock.advance(100);
    }

    expect(probe.lookedAtMs.length - before).toBe(5);
  });

  it('is dated by the beginning of the look: a change of holder may come in the middle', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').condition = 'frozen';
    await rig.clock.until(() => rig.seen('fs-a', A)?.esl.verdict === 'silent', 2_000, 1);

    const ageMs = rig.clock.wallMs() - (rig.seen('fs-a', A)?.observedAtMs ?? 0);
    expect(ageMs).toBeGreaterThanOrEqual(rig.topology.policy.probeTimeoutMs);
  });

  it('what the zone sees of the database stands beside its looks', async () => {
    const away = { verdict: 'away', detail: 'refused', latencyMs: null } as const;
    const rig = new Rig({ askDatabase: () => Promise.resolve(away) });
    rig.start(A);

    await rig.clock.advance(2_500);

    expect(rig.seen('fs-a', A)?.database).toMatchObject(away);
  });

  it('a database that another zone alone does not reach is well for an observer that takes over from one that found it well', async () => {
    const rig = new Rig({ askDatabase: () => Promise.resolve({ verdict: 'ok', detail: 'answered', latencyMs: 2 }) });
    const first = rig.start(A);
    await rig.clock.advance(7_000);
    const ours = rig.seen('fs-a', A);
    if (ours === undefined) throw new Error('no look');
    const away = { verdict: 'away', detail: 'refused', latencyMs: null } as const;
    await rig.store.putObservation({ ...ours, zone: ZONES[1], database: away }, rig.clock.wallMs());

    first.crash();
    await rig.clock.advance(4_000);
    const second = rig.start(A);
    await rig.clock.until(() => second.probes.get('fs-a')?.lookedAtMs.length === 2, 20_000);

    expect(rig.seen('fs-a', A)?.database?.verdict).toBe('ok');
  });

  it('a restarted holder: the new core_uuid and the standby are written at once', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_300);

    rig.node('fs-a').restart();
    await rig.clock.advance(50);

    expect(rig.seen('fs-a', A)).toMatchObject({ coreUuid: 'fs-a-2', sip: { main: { verdict: 'standby' } } });
  });
});

it('an observation with fewer misses than the policy asks for is unsettled', async () => {
  const rig = new Rig();
  rig.start(A);
  await rig.clock.advance(5_000);
  rig.node('fs-a').condition = 'frozen';
  await rig.clock.until(() => rig.seen('fs-a', A)?.eslMisses === 1, 2_000);

  const seen = rig.seen('fs-a', A);
  expect(seen !== undefined && isUnsettled(seen, rig.topology.policy)).toBe(true);
});
