/** Orders to nodes as the failover function gives them: through functions that can be dark, killed, frozen or late. */
import { OutsideTimeout } from '../../../lib/domain/errors';
import type { RecoveryOrder } from '../../../lib/domain/ports';
import { useLightAbort } from '../../../lib/simulation/kernel/light-abort';
import { Process } from '../../../lib/simulation/kernel/process';
import type { World } from '../../../lib/simulation/world/world';
import { worldAfter } from '../scenarios';
import { endedIn } from './lone';

beforeAll(useLightAbort);

const SETTLED_MS = 65_000;
const TIMEOUT_MS = 10_000;
/** Of fs-2, and the one that is asked after that. */
const [OWN, OTHER] = ['node-control-us-east-1b', 'node-control-us-east-1a'] as const;
const RECOVERY: RecoveryOrder = {
  transitionId: 'vip-1#9',
  deadCoreUuids: [],
  deadNodeIds: [],
  maxClockBehindMs: 1_000,
};

/** Gives fs-2 an order, so often, with functions that fare so, by the order in which they are asked. */
async function orderedWith(
  fates: readonly ((process: Process) => void)[],
  kind: 'demote' | 'check' | 'recover' = 'demote',
  prepare: (world: World) => void = () => undefined,
  times = 1,
) {
  const world = await worldAfter(SETTLED_MS);
  prepare(world);
  const { kernel, functions, topology, controlPlane } = world;
  const asked: string[] = [];
  const invoke = functions.invoke.bind(functions);
  jest.spyOn(functions, 'invoke').mockImplementation((what, handler, onEnd) => {
    const invocation = invoke(what, handler, onEnd);
    if (!what.name.startsWith('node-control')) return invocation;
    const fate = fates[asked.length];
    asked.push(what.name);
    // In the middle of its start.
    if (invocation !== null) kernel.after(1, () => fate?.(invocation.process));
    return invocation;
  });
  const [node, vip] = [topology!.nodes[1]!, topology!.vips[0]!];
  const control = controlPlane.nodeControlFor(new Process(kernel, 'failover'));
  const orders: Record<typeof kind, () => Promise<unknown>> = {
    demote: () => control.demote(node, vip, TIMEOUT_MS),
    check: () => control.check(node, vip, TIMEOUT_MS, false, 'outside'),
    recover: () => control.recover(node, vip, RECOVERY, TIMEOUT_MS),
  };
  const order = orders[kind];
  for (let earlier = 1; earlier < times; earlier += 1) await endedIn(kernel, order);
  const ended = await endedIn(kernel, order);
  return { asked, ended };
}

const lives = (): void => undefined;
const isKilled = (process: Process): void => process.kill();
const isFrozen = (process: Process): void => process.freeze(60_000);

describe('an order to a node', () => {
  it('is carried out by the function in its own zone', async () => {
    const { asked, ended } = await orderedWith([lives]);

    expect([asked, ended?.answer]).toEqual([[OWN], expect.objectContaining({ demoted: true })]);
    expect(ended?.afterMs).toBeLessThan(1_500);
  });

  it.each([
    ['is killed, at once', isKilled, 0, 2_500],
    ['is frozen, when its share of the time is over', isFrozen, 0.6 * TIMEOUT_MS, TIMEOUT_MS],
  ])('is carried out from another zone where the first function %s', async (_words, fate, fromMs, toMs) => {
    const { asked, ended } = await orderedWith([fate]);

    expect([asked, ended?.answer]).toEqual([[OWN, OTHER], expect.objectContaining({ demoted: true })]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(fromMs);
    expect(ended?.afterMs).toBeLessThan(toMs);
  });

  it('is carried out from another zone where the machines of the first are off, and take the order in silence', async () => {
    const { asked, ended } = await orderedWith([], 'demote', ({ functions }) => {
      functions.isDark = (zone) => zone === 'us-east-1b';
    });

    expect([asked, ended?.answer]).toEqual([[OWN, OTHER], expect.objectContaining({ demoted: true })]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(0.6 * TIMEOUT_MS);
  });

  it('is carried out from another zone where the path from the first is cut, and from there at once the next time', async () => {
    const cut = ({ network }: World): void => network.cutPath('us-east-1b', 'fs-2');
    const { asked, ended } = await orderedWith([], 'demote', cut, 2);

    expect([asked, ended?.answer]).toEqual([[OWN, OTHER, OTHER], expect.objectContaining({ demoted: true })]);
    expect(ended?.afterMs).toBeLessThan(1_500);
  });

  it('has no answer where both functions have none, and is given up in time', async () => {
    const { asked, ended } = await orderedWith([isFrozen, isFrozen]);

    expect([asked, ended?.error]).toEqual([[OWN, OTHER], expect.any(OutsideTimeout)]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 100);
    expect(ended?.afterMs).toBeLessThanOrEqual(TIMEOUT_MS + 100);
  });
});

describe('a check from outside', () => {
  it('is made from another zone than that of the node', async () => {
    const { asked, ended } = await orderedWith([lives], 'check');

    expect([asked, ended?.answer]).toEqual([[OTHER], expect.objectContaining({ serving: false, coreUuid: 'fs-2:1' })]);
  });

  it('gets nowhere where the zone of the node is cut off, though the function there would see it', async () => {
    const isolate = ({ network }: World): void => network.isolate('us-east-1b');

    const { ended } = await orderedWith([], 'check', isolate, 2);

    expect(ended?.answer).toMatchObject({ serving: false, coreUuid: null, unreached: true });
  });
});

describe('a recovery', () => {
  it('is not asked for elsewhere while the first function may be at work', async () => {
    const { asked, ended } = await orderedWith([isFrozen], 'recover');

    expect([asked, ended?.error]).toEqual([[OWN], expect.any(OutsideTimeout)]);
  });

  it('is asked for elsewhere once the first function has ended', async () => {
    expect((await orderedWith([isKilled], 'recover')).asked).toEqual([OWN, OTHER]);
  });
});
