/** How the simulated AWS wakes the control plane: the stream, the events of EC2, the schedules and deployments. */
import { useLightAbort } from '../../../lib/simulation/kernel/light-abort';
import type { Functions } from '../../../lib/simulation/world/functions';
import { World } from '../../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from '../scenarios';

beforeAll(useLightAbort);

type Invoke = Functions['invoke'];

/** A world in which functions are invoked and do nothing. */
function idleWorld(end: unknown = undefined) {
  const world = new World(pair());
  const { kernel, functions, controlPlane } = world;
  const invoked: { name: string; atMs: number; zone: string | null }[] = [];
  const invoke: Invoke = ({ name, zone }, _handler, onEnd) => {
    invoked.push({ name, zone, atMs: kernel.nowMs });
    if (end !== undefined) onEnd?.(end);
    return null;
  };
  jest.spyOn(functions, 'invoke').mockImplementation(invoke);
  const live = (ms: number): Promise<void> => kernel.run(kernel.nowMs + ms, () => undefined);
  return { world, controlPlane, invoked, live, kernel };
}

describe('a record of the stream', () => {
  const RECORDS = 1_000;
  const wakes = async () => {
    const { controlPlane, invoked, live } = idleWorld(null);
    for (let record = 0; record < RECORDS; record += 1)
      controlPlane.streamed({ kind: 'journal', vipId: `v${record}`, epoch: 1 });
    await live(MINUTE_MS);
    return invoked;
  };

  it('wakes the failover function, mostly within a quarter of a second, and now and then much later', async () => {
    const woken = await wakes();

    const late = woken.filter(({ atMs }) => atMs === 20_000);
    const soon = woken.filter(({ atMs }) => atMs >= 20 && atMs <= 250);
    expect(new Set(woken.map(({ name }) => name))).toEqual(new Set(['failover']));
    expect(late.length + soon.length).toBe(woken.length);
    expect(late.length).toBeGreaterThan(5);
    expect(late.length / woken.length).toBeLessThan(0.05);
  });

  it('wakes it at least once, and now and then twice', async () => {
    const woken = await wakes();

    expect(woken.length).toBeGreaterThan(RECORDS + 5);
    expect(woken.length).toBeLessThan(1.05 * RECORDS);
  });

  it('is tried once and three times more where the function ends with an error, and once where it ends well', async () => {
    const failing = idleWorld(new Error('the store is away'));
    failing.controlPlane.streamed({ kind: 'incident' });
    await failing.live(2 * MINUTE_MS);
    const well = idleWorld(null);
    well.controlPlane.streamed({ kind: 'incident' });
    await well.live(2 * MINUTE_MS);

    expect([failing.invoked.length, well.invoked.length]).toEqual([4, 1]);
  });
});

describe('records of the stream', () => {
  it('of one VIP are handed over one after another, those of another one meanwhile', async () => {
    const TAKES_MS = 30_000;
    const { world, controlPlane, invoked, live, kernel } = idleWorld();
    jest.spyOn(world.functions, 'invoke').mockImplementation(({ name, zone }, _handler, onEnd) => {
      invoked.push({ name, zone, atMs: kernel.nowMs });
      kernel.after(TAKES_MS, () => onEnd?.(null));
      return null;
    });

    for (const vipId of ['v', 'v', 'w']) controlPlane.streamed({ kind: 'journal', vipId, epoch: 1 });
    await live(MINUTE_MS);

    const [first, second, third] = invoked.map(({ atMs }) => atMs).sort((one, other) => one - other);
    expect([first, second]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(second).toBeLessThan(TAKES_MS);
    expect(third).toBeGreaterThanOrEqual(TAKES_MS);
  });

  it('wait for one that failed until it is too old to be tried again', async () => {
    const TAKES_MS = 110_000;
    const { world, controlPlane, invoked, live, kernel } = idleWorld();
    jest.spyOn(world.functions, 'invoke').mockImplementation(({ name, zone }, _handler, onEnd) => {
      invoked.push({ name, zone, atMs: kernel.nowMs });
      kernel.after(TAKES_MS, () => onEnd?.(new Error('the store is away')));
      return null;
    });

    controlPlane.streamed({ kind: 'incident' });
    await live(20 * MINUTE_MS);

    // The fourth would come after five and a half minutes.
    expect(invoked).toHaveLength(3);
  });

  it.each<[string, (world: World) => void, number]>([
    ['was killed', ({ functions }) => void functions.kill(({ name }) => name === 'failover'), 1_500],
    [
      'ran out of time',
      ({ functions }) => {
        for (const { process } of functions.running) process.freeze(10 * MINUTE_MS);
      },
      2 * MINUTE_MS + 1_500,
    ],
  ])('wait for one whose function %s: AWS tries it again', async (_words, strike, againWithinMs) => {
    const world = new World(pair());
    const { controlPlane, kernel } = world;
    const wake = jest.spyOn(controlPlane, 'wakeFailover');
    controlPlane.streamed({ kind: 'journal', vipId: 'v', epoch: 1 });
    await kernel.run(kernel.nowMs + 290, () => undefined);
    controlPlane.streamed({ kind: 'journal', vipId: 'v', epoch: 2 });

    strike(world);
    await kernel.run(kernel.nowMs + againWithinMs, () => undefined);

    expect(wake.mock.calls.map(([record]) => record)).toMatchObject([{ epoch: 1 }, { epoch: 1 }]);
  });
});

describe('a change of an instance', () => {
  it('wakes whoever writes it down, as late as EC2 tells it', async () => {
    const { world, controlPlane, invoked, live } = idleWorld();

    controlPlane.noteInstance(world.ec2.instanceOf('fs-1'), 7_000);
    await live(MINUTE_MS);

    expect(invoked).toEqual([{ name: 'ec2-evidence', zone: null, atMs: 7_000 }]);
  });

  it('and failed status checks come to the table', async () => {
    const host = { kind: 'host', nodeId: 'fs-2', forMs: 60 * MINUTE_MS } as const;
    const stopped = { kind: 'instance-stopped', nodeId: 'fs-1', forMs: MINUTE_MS } as const;
    const at = (atMs: number, fault: typeof host | typeof stopped) => ({ atMs, fault });

    const { table } = await worldAfter(5 * MINUTE_MS, pair(), [at(MINUTE_MS, host), at(MINUTE_MS, stopped)]);

    expect([...table.instances.keys()].sort()).toEqual(['fs-1', 'fs-2']);
  });
});

describe('an event', () => {
  const EVENTS = 1_000;

  it.each<[string, (world: World) => Promise<void>, number]>([
    [
      'of an instance',
      async ({ controlPlane, ec2, kernel }) => {
        for (let each = 0; each < EVENTS; each += 1) controlPlane.noteInstance(ec2.instanceOf('fs-1'), each * 10);
        await kernel.run(kernel.nowMs + MINUTE_MS, () => undefined);
      },
      1,
    ],
    [
      'of the schedules',
      async ({ controlPlane, kernel }) => {
        controlPlane.deploy();
        await kernel.run(kernel.nowMs + (EVENTS + 0.5) * MINUTE_MS, () => undefined);
      },
      4,
    ],
  ])('%s comes at least once, and now and then twice, within a second', async (_words, happen, functions) => {
    const { world, invoked } = idleWorld(null);

    await happen(world);

    const calls = invoked.filter(({ name }) => name !== 'registrar');
    const expected = functions * EVENTS;
    expect(calls.length).toBeGreaterThan(expected + 5);
    expect(calls.length).toBeLessThan(1.05 * expected);
    const second = calls.filter(({ atMs }) => atMs % 10 !== 0);
    expect(second.length).toBeGreaterThan(5);
  });
});

describe('the schedules', () => {
  it('wake the failover function and the observer of each zone every minute', async () => {
    const { controlPlane, invoked, live } = idleWorld();

    controlPlane.deploy();
    await live(2.5 * MINUTE_MS);

    const onTheMinute = ({ name, atMs }: { name: string; atMs: number }): boolean =>
      name !== 'registrar' && atMs % MINUTE_MS === 0;
    const scheduled = invoked.filter(onTheMinute);
    expect(scheduled.map(({ name, atMs }) => `${name} at ${atMs}`)).toEqual(
      [60_000, 120_000].flatMap((atMs) =>
        ['failover', 'observer-us-east-1a', 'observer-us-east-1b', 'observer-us-east-1c'].map(
          (name) => `${name} at ${atMs}`,
        ),
      ),
    );
  });
});

describe('a deployment', () => {
  it('registers a new version, and is made again within two minutes where it failed', async () => {
    const { controlPlane, invoked, live } = idleWorld(new Error('rolled back'));

    controlPlane.deploy();
    await live(2 * MINUTE_MS);

    const [first, second] = invoked.filter(({ name }) => name === 'registrar');
    expect(first?.atMs).toBe(0);
    expect(second?.atMs).toBeGreaterThanOrEqual(MINUTE_MS);
  });

  it('has every zone watched by the new version within seconds, and by it alone within minutes', async () => {
    const world = await worldAfter(MINUTE_MS);
    const observers = () => [...world.functions.running].filter(({ name }) => name.startsWith('observer-'));
    const before = observers().map(({ process }) => process.name);

    world.controlPlane.deploy();
    await world.kernel.run(2.9 * MINUTE_MS, () => undefined);

    const now = observers();
    expect(now.map(({ zone }) => zone).sort()).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(now.filter(({ process }) => before.includes(process.name))).toEqual([]);
  });
});
