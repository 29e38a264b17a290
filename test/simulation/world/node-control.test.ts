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

/** Gives fs-2 an order, with functions that fare so, by the order in which they are asked. */
async function orderedWith(
  fates: readonly ((process: Process) => void)[],
  kind: 'check' | 'recover' = 'check',
  prepare: (world: World) => void = () => undefined,
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
  const ended = await endedIn<unknown>(kernel, () =>
    kind === 'check' ? control.check(node, vip, TIMEOUT_MS) : control.recover(node, vip, RECOVERY, TIMEOUT_MS),
  );
  return { asked, ended };
}

const lives = (): void => undefined;
const isKilled = (process: Process): void => process.kill();
const isFrozen = (process: Process): void => process.freeze(60_000);

describe('an order to a node', () => {
  it('is carried out by the function in its own zone', async () => {
    const { asked, ended } = await orderedWith([lives]);

    expect([asked, ended?.answer]).toEqual([[OWN], expect.objectContaining({ serving: false })]);
    expect(ended?.afterMs).toBeLessThan(1_500);
  });

  it.each([
    ['is killed, at once', isKilled, 0, 2_500],
    ['is frozen, when its share of the time is over', isFrozen, 0.6 * TIMEOUT_MS, TIMEOUT_MS],
  ])('is carried out from another zone where the first function %s', async (_words, fate, fromMs, toMs) => {
    const { asked, ended } = await orderedWith([fate]);

    expect([asked, ended?.answer]).toEqual([[OWN, OTHER], expect.objectContaining({ serving: false })]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(fromMs);
    expect(ended?.afterMs).toBeLessThan(toMs);
  });

  it('is carried out from another zone where the machines of the first are off, and take the order in silence', async () => {
    const { asked, ended } = await orderedWith([], 'check', ({ functions }) => {
      functions.isDark = (zone) => zone === 'us-east-1b';
    });

    expect([asked, ended?.answer]).toEqual([[OWN, OTHER], expect.objectContaining({ serving: false })]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(0.6 * TIMEOUT_MS);
  });

  it('has no answer where both functions have none, and is given up in time', async () => {
    const { asked, ended } = await orderedWith([isFrozen, isFrozen]);

    expect([asked, ended?.error]).toEqual([[OWN, OTHER], expect.any(OutsideTimeout)]);
    expect(ended?.afterMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 100);
    expect(ended?.afterMs).toBeLessThanOrEqual(TIMEOUT_MS + 100);
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
