import type { Command } from 'commander';

import { effectivePolicy } from '../../../lib/config/effective-policy';
import { parseOptions, replayCommand, scenarioOf } from '../../../local/simulate/options';
import { yearsOf } from '../../../local/simulate/years';

const quiet = (command: Command): Command => command.exitOverride().configureOutput({ writeErr: () => undefined });
const parse = (...argv: string[]) => parseOptions(argv, quiet);

describe('the arguments of npm run simulate', () => {
  test('without any: ten years of the pair, balanced, 1 % loss in bursts of half a second', () => {
    expect(parse()).toMatchObject({
      years: 10,
      fromYear: 0,
      preset: 'balanced',
      shape: 'pair',
      loss: 0.01,
      burst: 500,
      faults: 1,
      everySecond: false,
    });
  });

  test('a seed is drawn where none is given', () => {
    expect(parse().seed).not.toBe(parse().seed);
  });

  test.each([
    ['--years', '0'],
    ['--years', 'many'],
    ['--seed', '-1'],
    ['--seed', String(2 ** 32)],
    ['--loss', '1'],
    ['--faults', '-1'],
    ['--jobs', '0'],
    ['--from-year', '0.5'],
    ['--preset', 'brave'],
    ['--shape', 'ring'],
    ['--kinds', 'freeze,hope'],
    ['--policy', 'failback'],
    ['--policy', 'failback=sometimes'],
    ['--policy', 'failback=['],
    ['--policy', 'hope=high'],
    ['--policy', 'preset=balanced'],
    ['--policy', 'probeInterval=200ms'],
    ['--policy', 'blockPeriod=5s'],
    ['--policy', 'suspectAfterMisses=2,sipStuckAfterMisses=3'],
  ])('%s %s is refused', (option, value) => {
    expect(() => parse(option, value)).toThrow();
  });

  test('take keys of the policy, in place of what preset and shape say', () => {
    const { policy } = scenarioOf(parse('--shape', 'shared', '--policy', 'failback=automatic,blockPeriod=10m'));

    expect(policy).toEqual(effectivePolicy({ failback: 'automatic', blockPeriod: '10m', maxVipsPerNode: 2 }));
    expect(scenarioOf(parse('--shape', 'shared', '--policy', 'maxVipsPerNode=1')).policy.maxVipsPerNode).toBe(1);
  });

  test('make the scenario', () => {
    expect(
      scenarioOf(parse('--preset', 'aggressive', '--shape', 'n+1', '--loss', '0.02', '--faults', '3')),
    ).toMatchObject({
      shape: { nodeZones: ['a', 'b', 'c'], vips: 2 },
      policy: effectivePolicy({ preset: 'aggressive' }),
      loss: { share: 0.02, meanBurstMs: 500 },
      faultScale: 3,
    });
  });
});

test('the command that replays a year makes the very scenario of that year, whichever options there were', () => {
  const options = parse(
    ...['--seed', '42', '--years', '7.3', '--from-year', '5', '--preset', 'aggressive', '--shape', 'active'],
    ...['--loss', '0.03', '--burst', '800', '--faults', '2.5', '--kinds', 'freeze,zone', '--every-second'],
    ...['--policy', 'failback=automatic,probeTimeout=300ms,missSlack=1'],
  );

  for (const year of yearsOf(options, scenarioOf(options))) {
    const [, argv = ''] = replayCommand(options, year).split(' -- ');
    const replayed = parse(...argv.split(' '));

    expect(yearsOf(replayed, scenarioOf(replayed))).toEqual([year]);
  }
});
