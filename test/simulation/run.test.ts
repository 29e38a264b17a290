import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { MINUTE_MS, pair } from './scenarios';

/** Half an hour in which more befalls a cluster than in many a month. */
const hardTime = (seed: number) =>
  pair({ seed, durationMs: 30 * MINUTE_MS, loss: { share: 0.01, meanBurstMs: 500 }, faultScale: 1_200 });

describe('one run', () => {
  beforeAll(useLightAbort);

  it('is the same to the byte for the same seed, whatever ran before it', async () => {
    const first = await runCluster(hardTime(1));
    const again = await runCluster(hardTime(1));
    const other = await runCluster(hardTime(2));
    const afterwards = await runCluster(hardTime(1));

    expect(first.trace.length).toBeGreaterThan(10);
    expect(again).toEqual(first);
    expect(afterwards.trace.join('\n')).toBe(first.trace.join('\n'));
    expect(other.trace).not.toEqual(first.trace);
  }, 180_000);

  it('is the same beside another one in the same process', async () => {
    const alone = await runCluster(pair({ seed: 5, durationMs: 10 * MINUTE_MS }));

    const [beside] = await Promise.all([
      runCluster(pair({ seed: 5, durationMs: 10 * MINUTE_MS })),
      runCluster(pair({ seed: 6, durationMs: 10 * MINUTE_MS })),
    ]);

    expect(beside).toEqual(alone);
  }, 30_000);

  it('of a new cluster in which nothing goes wrong pages nobody', async () => {
    const { changes, pages } = await runCluster(pair({ durationMs: 20 * MINUTE_MS }), { faults: [] });

    expect(changes.map(({ kind }) => kind)).toEqual(['assignment']);
    expect(pages).toBe(0);
  }, 30_000);

  it('tells of a holder whose answers get lost again and again, and moves nothing', async () => {
    const lossy = pair({ durationMs: 10 * MINUTE_MS, loss: { share: 0.4, meanBurstMs: 300 } });

    const { changes, trace } = await runCluster(lossy, { faults: [] });

    expect(changes.map(({ kind }) => kind)).toEqual(['assignment']);
    expect(trace.filter((line) => line.endsWith('page sim gray-failure: vip-1'))).toHaveLength(1);
  }, 30_000);

  it('tells an outage that was over before anybody could be told, as soon as somebody can', async () => {
    const result = await runCluster(pair({ durationMs: 20 * MINUTE_MS }), {
      faults: [
        { atMs: 5 * MINUTE_MS, fault: { kind: 'service-away', service: 'sns', forMs: 6 * MINUTE_MS } },
        { atMs: 5 * MINUTE_MS, fault: { kind: 'switch-paused', nodeId: 'fs-2', forMs: 4 * MINUTE_MS } },
        { atMs: 5.1 * MINUTE_MS, fault: { kind: 'freeze', nodeId: 'fs-1', forMs: 3 * MINUTE_MS } },
      ],
    });

    expect(result.trace.filter((line) => line.includes(' page '))).toEqual([
      expect.stringContaining('page sim OVER, told late: no-candidate: vip-1'),
    ]);
    expect([result.violations, result.atRest]).toEqual([[], true]);
  }, 30_000);

  it('fails over from a holder that crashed, with its calls, and keeps the books of it', async () => {
    const result = await runCluster(pair(), {
      faults: [{ atMs: 20 * MINUTE_MS, fault: { kind: 'crash', nodeId: 'fs-1' } }],
    });

    const { changes, violations, faults, ranForMs, unservedMs } = result;
    expect(violations).toEqual([]);
    expect(faults).toEqual({ crash: 1 });
    expect(changes.map(({ kind, struckBy }) => `${kind} ${struckBy}`)).toEqual([
      'assignment nothing',
      'failover crash',
    ]);
    expect(changes[1]?.callsBefore).toBe(10);
    expect(unservedMs).toBe(changes[1]?.recoverMs);
    expect(ranForMs).toBeGreaterThanOrEqual(60 * MINUTE_MS);
  }, 30_000);

  it.each(['esl-closed', 'esl-hangs'] as const)(
    'is no failover where SIP stalls for a moment while the event socket is gone: %s',
    async (kind) => {
      const { changes, violations, trace } = await runCluster(pair({ durationMs: 20 * MINUTE_MS }), {
        faults: [
          { atMs: 5 * MINUTE_MS, fault: { kind, nodeId: 'fs-1', forMs: 12 * MINUTE_MS } },
          { atMs: 10 * MINUTE_MS, fault: { kind: 'sip-stuck', nodeId: 'fs-1', forMs: 1_200 } },
        ],
      });

      expect(changes.map(({ kind: change }) => change)).toEqual(['assignment']);
      expect(violations).toEqual([]);
      expect(trace.filter((line) => line.endsWith('page sim gray-failure: vip-1'))).toHaveLength(1);
    },
    30_000,
  );

  it('ends where it is to rest as soon as all is well', async () => {
    const result = await runCluster(pair({ durationMs: 24 * 60 * MINUTE_MS }), {
      faults: [{ atMs: 5 * MINUTE_MS, fault: { kind: 'crash', nodeId: 'fs-1' } }],
      untilRest: true,
    });

    expect(result.livedMs).toBeLessThan(60 * MINUTE_MS);
    expect(result.changes).toHaveLength(2);
  }, 30_000);
});
