import { ZONES } from '../../../support/cluster';
import type { FakeProbe } from '../../../support/fake-probe';
import { Rig } from '../rig';

const [A] = ZONES;

describe('what an observer writes', () => {
  it('a healthy cluster: one heartbeat per node each 5 s, and no judgement', async () => {
    let writes = 0;
    const rig = new Rig({
      hooks: {
        onCall: (method) => {
          if (method === 'putObservation') writes += 1;
        },
      },
    });
    rig.start(A);

    await rig.clock.advance(60_100);

    expect(writes).toBe(2 * 13);
    expect(rig.evaluations).toBe(0);
  });

  it('each look of all nodes while a holder is unwell, and a judgement after each', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(10_000);
    rig.node('fs-a').kill();
    await rig.clock.advance(5_000);

    const evaluationsBefore = rig.evaluations;
    for (let second = 0; second < 5; second += 1) {
      await rig.clock.advance(1_000);
      for (const nodeId of ['fs-a', 'fs-b']) {
        const ageMs = rig.clock.wallMs() - (rig.seen(nodeId, A)?.observedAtMs ?? 0);
        expect(ageMs).toBeLessThanOrEqual(1_000);
      }
    }
    expect(rig.evaluations - evaluationsBefore).toBe(5);
  });

  it('what could not be written, with the next look', async () => {
    const failedAtMs: number[] = [];
    const writtenAtMs: number[] = [];
    const rig: Rig = new Rig({
      hooks: {
        onCall: (method) => {
          const nowMs = rig.clock.monotonicMs();
          if (method !== 'putObservation' || nowMs < 10_000) return;
          (failedAtMs.length < 2 ? failedAtMs : writtenAtMs).push(nowMs);
          if (writtenAtMs.length === 0) throw new Error('throttled');
        },
      },
    });
    rig.start(A);

    await rig.clock.advance(20_000);

    expect(writtenAtMs[0]).toBe((failedAtMs[0] ?? 0) + 1_000);
  });

  it('its own vote before it asks for a judgement', async () => {
    const seenThen: unknown[] = [];
    const rig: Rig = new Rig({
      hooks: { onCall: (method) => (method === 'putObservation' ? rig.clock.sleep(100) : undefined) },
      evaluate: () => Promise.resolve(void seenThen.push(rig.seen('fs-a', A)?.esl.verdict)),
    });
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').kill();
    await rig.clock.advance(1_000);

    expect(seenThen[0]).toBe('refused');
  });

  it('asks for no further judgement once the VIP has moved: it reads at once what one came to', async () => {
    const rig: Rig = new Rig({
      evaluate: () => {
        const holder = { nodeId: 'fs-b', coreUuid: rig.node('fs-b').coreUuid };
        Object.assign(rig.store.vips.get('main') ?? {}, { holder });
        rig.node('fs-b').condition = 'ok';
        return Promise.resolve();
      },
    });
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').kill();
    await rig.clock.advance(10_000);

    expect(rig.evaluations).toBeLessThanOrEqual(2);
  });

  it('asks for a judgement while a VIP has no holder', async () => {
    const rig = new Rig();
    Object.assign(rig.store.vips.get('main') ?? {}, { status: 'unassigned', holder: null });
    rig.start(A);

    await rig.clock.advance(3_500);

    expect(rig.evaluations).toBe(6);
  });

  it('never judges twice at once, however long a judgement takes', async () => {
    let running = 0;
    let most = 0;
    const rig: Rig = new Rig({
      evaluate: async () => {
        running += 1;
        most = Math.max(most, running);
        await rig.clock.sleep(3_300);
        running -= 1;
      },
    });
    const observer = rig.start(A);
    await rig.clock.advance(2_000);
    rig.node('fs-a').kill();

    await rig.clock.advance(20_000);

    expect(most).toBe(1);
    expect(rig.evaluations).toBeGreaterThan(4);
    const looks = (observer.probes.get('fs-a') as FakeProbe).lookedAtMs;
    expect(Math.max(...looks.slice(1).map((at, index) => at - (looks[index] ?? 0)))).toBeLessThanOrEqual(1_000);
  });
});
