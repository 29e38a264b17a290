import { ZONES } from '../../../support/cluster';
import type { FakeProbe } from '../../../support/fake-probe';
import { Rig } from '../rig';

const [A] = ZONES;

describe('when the store is slow or away', () => {
  it('goes on looking at its pace, and writes the newest look when the store is back', async () => {
    let away = false;
    const rig: Rig = new Rig({
      hooks: {
        onCall: async () => {
          if (!away) return;
          await rig.clock.sleep(4_000);
          throw new Error('the store does not answer');
        },
      },
    });
    const observer = rig.start(A);
    await rig.clock.advance(10_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;
    const before = probe.lookedAtMs.length;

    away = true;
    await rig.clock.advance(60_000);
    expect(probe.lookedAtMs.length - before).toBe(60);
    expect(observer.ended).toBeNull();

    away = false;
    await rig.clock.advance(6_000);
    expect(rig.clock.wallMs() - (rig.seen('fs-a', A)?.observedAtMs ?? 0)).toBeLessThanOrEqual(5_000);
    expect(rig.count('ObservationWriteErrors')).toBeGreaterThan(0);
  });
});
