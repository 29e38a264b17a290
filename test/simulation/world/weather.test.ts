/** How the simulated AWS fails a call, and that everything that is asked of it goes through that. */
import { CONTROL_POLICY, MESSAGE_POLICY, STORE_POLICY } from '../../../lib/aws/call';
import { OutsideRefused, OutsideTimeout } from '../../../lib/domain/errors';
import { useLightAbort } from '../../../lib/simulation/kernel/light-abort';
import { Dice } from '../../../lib/simulation/kernel/random';
import { SERVICES, Weather, type Service, type Storm } from '../../../lib/simulation/world/weather';
import type { World } from '../../../lib/simulation/world/world';
import { Process } from '../../../lib/simulation/kernel/process';
import { ownerOf } from '../../../lib/domain/model';
import { CLUSTER } from '../../../lib/simulation/world/cluster';
import { worldAfter } from '../scenarios';
import { endedIn, stage } from './lone';

const CALM: Storm = { throttled: 0, fails: 0, timesOut: 0, answerLost: 0 };
const DEADLINE_MS = CONTROL_POLICY.totalTimeoutMs;

function weatherStage() {
  const { kernel, process, ended } = stage();
  const weather = new Weather(new Dice(1, 'weather'));
  const effects: number[] = [];
  const effect = (): string => {
    effects.push(kernel.nowMs);
    return 'done';
  };
  const call = (service: Service = 'ec2', online = true) =>
    ended(() => weather.call(process, service, 'Act', effect, online));
  return { weather, effects, call, kernel };
}

describe('a call in fair weather', () => {
  it.each(SERVICES)('takes effect once and is answered in a moment: %s', async (service) => {
    const { call, effects, weather } = weatherStage();

    const ended = await call(service);

    expect(ended).toEqual({ answer: 'done', afterMs: expect.any(Number) as number });
    expect(ended?.afterMs).toBeGreaterThan(0);
    expect(ended?.afterMs).toBeLessThan(500);
    expect(effects).toHaveLength(1);
    expect(weather.isFair()).toBe(true);
  });

  it('takes effect on its way, and not with its answer', async () => {
    const { call, effects } = weatherStage();

    const ended = await call();

    expect(effects[0]).toBeGreaterThan(0);
    expect(effects[0]).toBeLessThan(ended?.afterMs ?? 0);
  });
});

describe('a call in a storm', () => {
  it.each<[keyof Storm, new (words: string) => Error, number, number, number]>([
    ['throttled', OutsideTimeout, 0, 800, 3_100],
    ['fails', OutsideRefused, 0, 100, 500],
    ['timesOut', OutsideTimeout, 0, DEADLINE_MS, DEADLINE_MS + 100],
    ['answerLost', OutsideTimeout, 1, DEADLINE_MS, DEADLINE_MS + 100],
  ])('%s: it ends so, has that effect, and takes so long', async (which, error, applied, from, to) => {
    const { call, effects, weather } = weatherStage();
    weather.begin('ec2', { ...CALM, [which]: 1 });

    const ended = await call();

    expect(ended?.error).toBeInstanceOf(error);
    expect(effects).toHaveLength(applied);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(from);
    expect(ended?.afterMs).toBeLessThanOrEqual(to);
  });

  it('goes wrong in each way as often as the storm says, and mostly well', async () => {
    const { call, effects, weather } = weatherStage();
    weather.begin('ec2', { throttled: 0.1, fails: 0.1, timesOut: 0.1, answerLost: 0.1 });
    const endings: string[] = [];

    for (let time = 0; time < 400; time += 1) {
      const before = effects.length;
      const ended = await call();
      const applied = effects.length > before ? 'applied' : 'not applied';
      if (ended?.answer === 'done') endings.push('well');
      else if (ended?.error instanceof OutsideRefused) endings.push(`refused, ${applied}`);
      else endings.push(`${(ended?.afterMs ?? 0) < DEADLINE_MS ? 'throttled' : 'timed out'}, ${applied}`);
    }

    const shareOf = (ending: string): number => endings.filter((each) => each === ending).length / endings.length;
    expect(shareOf('well')).toBeCloseTo(0.6, 1);
    for (const ending of ['throttled, not applied', 'refused, not applied', 'timed out, not applied']) {
      expect(shareOf(ending)).toBeCloseTo(0.1, 1);
    }
    expect(shareOf('timed out, applied')).toBeCloseTo(0.1, 1);
  });

  it('loses a refusal as it loses any answer', async () => {
    const { kernel, process, ended } = stage();
    const weather = new Weather(new Dice(1, 'weather'));
    weather.begin('ec2', { ...CALM, answerLost: 1 });

    const how = await ended(() =>
      weather.call(process, 'ec2', 'Act', () => {
        throw new OutsideRefused('of another owner');
      }),
    );

    expect(how?.error).toBeInstanceOf(OutsideTimeout);
    expect(kernel.nowMs).toBeGreaterThanOrEqual(DEADLINE_MS);
  });

  it('of another service goes well, and so does one after the storm', async () => {
    const { call, weather } = weatherStage();
    weather.begin('ec2', { ...CALM, fails: 1 });

    expect((await call('dynamodb'))?.answer).toBe('done');
    expect(weather.isFair()).toBe(false);
    weather.end('ec2');

    expect((await call('ec2'))?.answer).toBe('done');
    expect(weather.isFair()).toBe(true);
  });
});

describe('a call to a service that is away', () => {
  it('never arrives, until it is back', async () => {
    const { call, effects, weather } = weatherStage();
    weather.takeAway('ec2');

    const ended = await call();

    expect(ended?.error).toBeInstanceOf(OutsideTimeout);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(DEADLINE_MS);
    expect([effects, weather.isFair(), weather.isAway('ec2')]).toEqual([[], false, true]);
    weather.bringBack('ec2');
    expect((await call())?.answer).toBe('done');
    expect(weather.isFair()).toBe(true);
  });

  it.each([
    ['dynamodb', STORE_POLICY],
    ['ec2', CONTROL_POLICY],
    ['route53', CONTROL_POLICY],
    ['lambda', MESSAGE_POLICY],
    ['sns', MESSAGE_POLICY],
  ] as const)('is given up when its own deadline is over: %s', async (service, { totalTimeoutMs }) => {
    const { call, weather } = weatherStage();
    weather.takeAway(service);

    const ended = await call(service);

    expect(ended?.afterMs).toBeGreaterThanOrEqual(totalTimeoutMs);
    expect(ended?.afterMs).toBeLessThanOrEqual(totalTimeoutMs + 100);
  });

  it('from a zone that is cut off does not arrive either', async () => {
    const { call, effects } = weatherStage();

    expect((await call('ec2', false))?.error).toBeInstanceOf(OutsideTimeout);
    expect(effects).toEqual([]);
  });
});

describe('the weather', () => {
  beforeAll(useLightAbort);

  const SETTLED_MS = 45_000;
  const caller = (world: World): Process => new Process(world.kernel, 'caller');
  const addresses = (world: World) => world.ec2.addressesSeenBy(caller(world), ownerOf(CLUSTER));
  const instances = (world: World) => world.ec2.instancesSeenBy(caller(world));
  const names = (world: World) => world.names.seenBy(caller(world));
  const NAME = 'vip-1.sim.internal';
  const record = (world: World) => world.names.records.get(NAME) ?? null;
  const place = { allocationId: 'eipalloc-1', networkInterfaceId: 'eni-2', privateAddress: '10.0.1.11' };

  it.each<[Service, string, (world: World) => Promise<unknown>]>([
    ['ec2', 'a read of an address', (world) => addresses(world).read('eipalloc-1')],
    ['ec2', 'a search of an address', (world) => addresses(world).readByPrivateAddress('eni-1', '10.0.0.11')],
    ['ec2', 'a detachment', (world) => addresses(world).detach('eipassoc-1')],
    ['ec2', 'an attachment', (world) => addresses(world).attach(place)],
    ['ec2', 'a tag on an address', (world) => addresses(world).tag('eipalloc-1', { owner: 'o', epoch: 1 })],
    ['ec2', 'the end of that tag', (world) => addresses(world).release('eipalloc-1')],
    ['ec2', 'a read of instances', (world) => instances(world).describe(['i-1'])],
    ['ec2', 'a stop', (world) => instances(world).forceStop('i-2')],
    ['ec2', 'a start', (world) => instances(world).start('i-2')],
    ['ec2', 'a tag on an instance', (world) => instances(world).tagOwner('i-1', 'o')],
    ['ec2', 'the end of that one', (world) => instances(world).releaseOwner('i-1')],
    ['ec2', 'an instance to register', (world) => world.ec2.inventorySeenBy(caller(world)).findInstance({ id: 'i-1' })],
    [
      'ec2',
      'an address to register',
      (world) => world.ec2.inventorySeenBy(caller(world)).findElasticIp({ id: 'eipalloc-1' }),
    ],
    ['route53', 'a read of a name', (world) => names(world).read('Z1', NAME)],
    ['route53', 'a change of a name', (world) => names(world).swap('Z1', NAME, record(world), record(world)!)],
    ['route53', 'the end of a name', (world) => names(world).remove('Z1', NAME, record(world)!)],
    [
      'lambda',
      'an order to a node',
      ({ controlPlane, topology, kernel }) =>
        controlPlane
          .nodeControlFor(new Process(kernel, 'failover'))
          .check(topology!.nodes[0]!, topology!.vips[0]!, 20_000),
    ],
    ['dynamodb', 'a read of the table', (world) => inTable(world, (store) => store.readCluster())],
    [
      'dynamodb',
      'a write to the table',
      (world) => inTable(world, (store) => store.setPaused({ kind: 'cluster' }, true, 'x')),
    ],
  ])('of %s is asked about %s', async (service, _words, ask) => {
    const world = await worldAfter(SETTLED_MS);
    world.weather.takeAway(service);
    expect((await endedIn(world.kernel, () => ask(world)))?.error).toBeInstanceOf(Error);
    world.weather.bringBack(service);
    expect(await endedIn(world.kernel, () => ask(world))).not.toHaveProperty('error');
  });

  it('of sns is asked about a page', async () => {
    const crash = { atMs: SETTLED_MS, fault: { kind: 'no-restart', nodeId: 'fs-1', forMs: 300_000 } } as const;
    const away = { atMs: 0, fault: { kind: 'service-away', service: 'sns', forMs: 300_000 } } as const;
    const pagesAfter = async (...faults: Parameters<typeof worldAfter>[2] & object): Promise<number> =>
      (await worldAfter(2 * SETTLED_MS, undefined, faults)).trace.filter((line) => / page /.test(line)).length;

    expect(await pagesAfter(crash)).toBeGreaterThan(0);
    expect(await pagesAfter(away, crash)).toBe(0);
  });

  function inTable(world: World, work: Parameters<World['controlPlane']['operator']>[0]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      world.controlPlane.operator(
        async (store, process) => resolve(await work(store, process)),
        (error) => {
          if (error instanceof Error) reject(error);
        },
      );
    });
  }
});
