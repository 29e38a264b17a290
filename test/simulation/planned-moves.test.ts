/** A planned move leaves a holder that is well: what befalls it right after it was decided costs its callers nothing. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import type { Fault, ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';
import { MINUTE_MS, pair } from './scenarios';

beforeAll(useLightAbort);

/** The gap of a planned move by itself. */
const GAP_MS = 5_000;
const FOR_MS = 5 * MINUTE_MS;
const PAUSED = { kind: 'paused', subject: 'node', forMs: FOR_MS, withWindow: false } as const;

const movedWhile = (fault: Fault, shape = PAIR, before: readonly ScheduledFault[] = []) =>
  runCluster(pair({ durationMs: 15 * MINUTE_MS, shape }), {
    faults: [...before, { atMs: 45_000, fault: { kind: 'switchover', vipId: 'vip-1' } }],
    cue: { edge: 'vip/held/switchover', afterMs: 5, fault },
    untilRest: true,
  });

describe('a planned move of which right after its decision', () => {
  it.each<[string, Fault]>([
    ['the new node is paused inside', { kind: 'switch-paused', nodeId: 'fs-2', forMs: FOR_MS }],
    ['the new node rejects its ESL password', { kind: 'rejects', nodeId: 'fs-2', forMs: FOR_MS }],
    ['the new node loses its way to the database', { kind: 'database-cut', nodeId: 'fs-2', forMs: FOR_MS }],
    ['the old node loses its way to the database', { kind: 'database-cut', nodeId: 'fs-1', forMs: FOR_MS }],
    ['the old node is paused by a human', { ...PAUSED, id: 'fs-1' }],
  ])('%s waits for it, and leaves callers and calls where they are', async (_, fault) => {
    const { changes, unservedMs, violations } = await movedWhile(fault);

    expect(violations).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ kind: 'switchover', callsBefore: 10, callsLost: 0 });
    expect(unservedMs).toBeLessThan(GAP_MS);
  });

  /** A human takes most of a second, and a move that has taken its callers stops where it is: see docs/operations.md. */
  it('the new node is paused by a human, while node-control is away, waits and leaves callers and calls', async () => {
    const { changes, unservedMs, violations } = await movedWhile({ ...PAUSED, id: 'fs-2' }, PAIR, [
      { atMs: 45_000, fault: { kind: 'service-away', service: 'lambda', forMs: 5_000 } },
    ]);

    expect(violations).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ kind: 'switchover', callsBefore: 10, callsLost: 0 });
    expect(unservedMs).toBeLessThan(GAP_MS);
  });

  it.each([true, false])(
    'the event socket of the old node is closed has one node act: Elastic IP %p',
    async (elasticIps) => {
      const fault = { kind: 'esl-closed', nodeId: 'fs-1', forMs: FOR_MS } as const;

      const { changes, violations } = await movedWhile(fault, { ...PAIR, elasticIps });

      expect(violations).toEqual([]);
      expect(changes.at(-1)).toMatchObject({ kind: 'switchover', callsBefore: 10, callsLost: 0 });
    },
  );

  /** Its calls are taken up by its next process only once that was chosen: else the move goes on without them. */
  it('the new node crashes, and is back at once, loses no call but what it took up and had not written', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { changes, violations } = await runCluster(pair({ seed, durationMs: 15 * MINUTE_MS }), {
        faults: [
          { atMs: 45_000, fault: { kind: 'switchover', vipId: 'vip-1' } },
          { atMs: 46_000, fault: { kind: 'crash', nodeId: 'fs-2' } },
        ],
        untilRest: true,
      });

      expect(violations).toEqual([]);
      expect(changes.at(-1)).toMatchObject({ kind: 'switchover', cause: 'candidate-died' });
    }
  });

  it('the new node dies goes back to the old one, whose calls never left it', async () => {
    const fault = { kind: 'no-restart', nodeId: 'fs-2', forMs: FOR_MS } as const;

    const { changes, unservedMs, violations } = await movedWhile(fault);

    expect(violations).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ cause: 'candidate-died', callsBefore: 10, callsLost: 0 });
    expect(changes.at(-1)?.recoverMs).toBeLessThan(10_000);
    expect(unservedMs).toBeLessThan(GAP_MS);
  });
});

describe('a planned move of a node with two VIPs', () => {
  const policy = effectivePolicy({ preset: 'balanced', maxVipsPerNode: 2 });
  const kinds = [true, false].flatMap((elasticIps) => [1, 2, 3, 4, 5, 6].map((seed) => [elasticIps, seed] as const));

  it.each(kinds)(
    'neither locks nor stops the old node, which ends by one of its orders: Elastic IPs %p, seed %d',
    async (elasticIps, seed) => {
      const shape = { ...PAIR, vips: 2, grouped: true, elasticIps };
      const { changes, edges, violations, trace } = await runCluster(
        pair({ seed, durationMs: 15 * MINUTE_MS, shape, policy }),
        { faults: [{ atMs: 45_000, fault: { kind: 'switchover', vipId: 'vip-1' } }], untilRest: true },
      );

      expect(violations).toEqual([]);
      expect(changes.filter(({ kind }) => kind === 'switchover')).toEqual([
        expect.objectContaining({ callsBefore: 10, callsLost: 0 }),
        expect.objectContaining({ callsBefore: 10, callsLost: 0 }),
      ]);
      expect(edges.filter((edge) => edge.endsWith('locked-out'))).toEqual([]);
      expect(trace.join('\n')).not.toContain('is stopping');
    },
  );
});

describe('a planned move from a holder that the failover of another VIP has locked out of the database', () => {
  it('begins as its page says, keeps the calls from before that, and comes before the stop of that node', async () => {
    const policy = effectivePolicy({ preset: 'balanced', maxVipsPerNode: 2 });
    const faults: ScheduledFault[] = [
      { atMs: 45_000, fault: { kind: 'crash', nodeId: 'fs-1' } },
      // Its own VIP leaves it, and the one that came is inside its block period.
      { atMs: 400_000, fault: { kind: 'node-cut', nodeId: 'fs-2', forMs: 25_000 } },
    ];

    const { changes, violations, trace } = await runCluster(
      pair({ durationMs: 40 * MINUTE_MS, shape: { ...PAIR, vips: 2 }, policy }),
      { faults, untilRest: true },
    );

    expect(violations).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ vipId: 'vip-1', kind: 'failback', callsBefore: 10, callsLost: 0 });
    const at = (words: string): number => trace.findIndex((line) => line.includes(words));
    expect(at('page sim holder-withdrawn: vip-1')).toBeGreaterThan(0);
    expect(at('page sim failback vip-1: fs-2 -> fs-1, served: YES')).toBeGreaterThan(0);
    expect(at('page sim failback vip-1: fs-2 -> fs-1, served: YES')).toBeLessThan(at('ec2 fs-2 is stopping'));
  });
});
