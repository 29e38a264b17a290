/** SIP of a holder waits for its database, which hangs: FACTS 8.6. */
import type { Fault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PRESET_NAMES } from '../../lib/config/presets';
import { effectivePolicy } from '../../lib/config/effective-policy';
import { MINUTE_MS, pair } from './scenarios';

describe('a database that silences SIP of its holder', () => {
  beforeAll(useLightAbort);

  const hang = (kind: 'database-away' | 'database-slow'): Fault => ({ kind, forMs: 2 * MINUTE_MS, silencesSip: true });

  describe.each(PRESET_NAMES)('with the preset %s', (preset) => {
    it.each(['database-away', 'database-slow'] as const)(
      'fails nobody over with a fit standby beside it, and is paged by its name: %s',
      async (kind) => {
        const { changes, violations, trace, unservedMs } = await runCluster(
          pair({ policy: effectivePolicy({ preset }) }),
          { faults: [{ atMs: 45_000, fault: hang(kind) }], untilRest: true },
        );

        expect(violations).toEqual([]);
        expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment']);
        expect(trace.filter((line) => /page .*database/i.test(line))).toHaveLength(1);
        expect(unservedMs).toBe(0);
      },
      30_000,
    );
  });

  it.each([0, 2_000, 5_000, 9_000])(
    'fails nobody over whose observers are relieved %i ms after it is well, while SIP waits on',
    async (afterMs) => {
      const { changes, violations } = await runCluster(pair(), {
        faults: [
          { atMs: 45_000, fault: hang('database-away') },
          { atMs: 45_000 + 2 * MINUTE_MS + afterMs, fault: { kind: 'deploy' } },
        ],
        untilRest: true,
      });

      expect(violations).toEqual([]);
      expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment']);
    },
    30_000,
  );

  // Those that came in their place are killed as well, and the next ones come a minute later, one zone after the other.
  it.each([1_000, 11_000, 21_000])(
    'fails nobody over whose observers were all gone while it was away, and SIP waits on: well %i ms after they were sent',
    async (afterMs) => {
      const forMs = 60_000;
      const kill: Fault = { kind: 'functions-killed', name: 'observer', times: 1 };
      const { changes, violations } = await runCluster(pair(), {
        faults: [
          { atMs: 52_000, fault: kill },
          { atMs: 62_000, fault: kill },
          { atMs: 2 * MINUTE_MS + afterMs - forMs, fault: { kind: 'database-away', forMs, silencesSip: true } },
        ],
        untilRest: true,
      });

      expect(violations).toEqual([]);
      expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment']);
    },
    30_000,
  );

  // Lost packets are sent again about as long after they were lost as twice the trouble.
  it.each([27_000, 53_000, 110_000, 210_000])(
    'fails nobody over while SIP waits on after a trouble of %i ms',
    async (forMs) => {
      const { changes, violations } = await runCluster(pair(), {
        faults: [{ atMs: 45_000, fault: { kind: 'database-away', forMs, silencesSip: true } }],
        untilRest: true,
      });

      expect(violations).toEqual([]);
      expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment']);
    },
    30_000,
  );

  it('keeps no holder that dies meanwhile', async () => {
    const { changes, violations, unservedMs } = await runCluster(pair(), {
      faults: [
        { atMs: 45_000, fault: hang('database-slow') },
        { atMs: 60_000, fault: { kind: 'no-restart', nodeId: 'fs-1', forMs: 5 * MINUTE_MS } },
      ],
      untilRest: true,
    });

    expect(violations).toEqual([]);
    expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment', 'suspected-death']);
    expect(unservedMs).toBeLessThan(15_000);
  }, 30_000);
});
