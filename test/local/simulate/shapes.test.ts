/** Each shape by name: a cluster that comes into service, and fails over as its name says. */
import type { ScheduledFault } from '../../../lib/simulation/faults/fault';
import { useLightAbort } from '../../../lib/simulation/kernel/light-abort';
import type { RunResult } from '../../../lib/simulation/results';
import { runCluster } from '../../../lib/simulation/run';
import { parseOptions, scenarioOf } from '../../../local/simulate/options';
import { SHAPE_NAMES, SHAPES, type ShapeName } from '../../../local/simulate/shapes';

beforeAll(useLightAbort);

const MINUTE_MS = 60_000;

/** Five minutes, and what befalls it after one. */
function run(shape: ShapeName, ...faults: ScheduledFault['fault'][]): Promise<RunResult> {
  const scenario = {
    ...scenarioOf(parseOptions(['--shape', shape, '--loss', '0'])),
    seed: 7,
    durationMs: 5 * MINUTE_MS,
  };
  return runCluster(scenario, { faults: faults.map((fault) => ({ atMs: MINUTE_MS, fault })) });
}

const moves = ({ trace }: RunResult): string[] =>
  trace.flatMap((line) => /decided (\S+) (\S+) \S+: (.+) by/.exec(line)?.slice(1).join(' ') ?? []);

test.each(SHAPE_NAMES)('%s comes into service', async (name) => {
  const { violations, vipMs, unservedMs, changes } = await run(name);

  expect(violations).toEqual([]);
  expect(changes.map(({ kind }) => kind)).toEqual(Array(SHAPES[name].vips).fill('assignment'));
  expect([vipMs > 0, unservedMs]).toEqual([true, 0]);
});

test('each node of shared takes the other VIP, too', async () => {
  const result = await run('shared', { kind: 'no-restart', nodeId: 'fs-2', forMs: MINUTE_MS });

  expect(result.violations).toEqual([]);
  expect(moves(result)).toContain('vip-2#2 failover fs-2 -> fs-1');
});

test('the VIPs of grouped live on one node, and move together', async () => {
  const result = await run('grouped', { kind: 'no-restart', nodeId: 'fs-1', forMs: MINUTE_MS });

  expect(result.violations).toEqual([]);
  expect(moves(result).sort()).toEqual([
    'vip-1#1 assignment nobody -> fs-1',
    'vip-1#2 failover fs-1 -> fs-2',
    'vip-2#1 assignment nobody -> fs-1',
    'vip-2#2 failover fs-1 -> fs-2',
  ]);
});

test('the third node of reserve is never taken by itself', async () => {
  const result = await run(
    'reserve',
    { kind: 'no-restart', nodeId: 'fs-2', forMs: 10 * MINUTE_MS },
    { kind: 'freeze', nodeId: 'fs-1', forMs: MINUTE_MS },
  );

  expect(result.violations).toEqual([]);
  expect(moves(result).filter((move) => move.endsWith('fs-3'))).toEqual([]);
  expect(result.unservedMs).toBeGreaterThan(50_000);
});
