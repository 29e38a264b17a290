import { Process } from '../../../lib/simulation/kernel/process';
import { STORE_INVARIANT } from '../../../lib/simulation/invariants/store';
import { Watcher } from '../../../lib/simulation/watcher';
import type { World } from '../../../lib/simulation/world/world';
import { decidedMove, MINUTE_MS } from '../scenarios';
import { settled } from './stage';

describe('the store as a reason for a failover', () => {
  it.each<[string, (world: World) => void, boolean]>([
    ['it is away', ({ weather }) => weather.takeAway('dynamodb'), true],
    ['EC2 is away', ({ weather }) => weather.takeAway('ec2'), false],
    ['nothing is', () => undefined, false],
    [
      'the database is away, too',
      (world) => {
        world.weather.takeAway('dynamodb');
        world.setDatabase('away');
      },
      false,
    ],
    [
      'a host is lost, too',
      (world) => {
        world.weather.takeAway('dynamodb');
        world.loseHost('fs-1');
      },
      false,
    ],
    [
      'a path is broken, too',
      (world) => {
        world.weather.takeAway('dynamodb');
        world.active.set('isolated fs-1', { strikes: 1, isOn: () => true });
      },
      false,
    ],
  ])('is alone in trouble or not where %s', async (_words, befalls, isAlone) => {
    const world = await settled();

    befalls(world);

    expect(world.isStoreAloneInTrouble()).toBe(isAlone);
  });

  it.each([
    ['of a holder that nothing had struck', true, MINUTE_MS, 'vip-1#2: nothing but the store was in trouble'],
    ['of one that something had', false, 0, null],
    ['long after the trouble', true, MINUTE_MS + 1, null],
    ['without any', true, Number.POSITIVE_INFINITY, null],
  ])('is told of a failover %s only where it was one', (_words, isFalse, agoMs, told) => {
    expect(STORE_INVARIANT.broken('vip-1#2', isFalse, agoMs)).toBe(told);
  });

  it.each<[string, (world: World) => void, number]>([
    ['is well', () => undefined, 1],
    ['crashed', (world) => world.switchOf('fs-1').crash(), 0],
  ])('is looked for at each decision: a holder that %s is failed over', async (_words, befalls, found) => {
    const world = await settled();
    const watcher = new Watcher(world);
    watcher.instant();
    world.weather.takeAway('dynamodb');
    befalls(world);
    watcher.instant();

    decidedMove(world, 'fs-1', 'fs-2', { kind: 'failover', cause: 'suspected-death' });
    world.listener.tableChanged('decide', new Process(world.kernel, 'observer#1'));

    const broken = watcher.violations.filter(({ invariant }) => invariant === STORE_INVARIANT.invariant);
    expect(broken).toHaveLength(found);
  });
});
