import { OutsideTimeout } from '../../lib/domain/errors';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { convergeMeanwhile } from '../../lib/operations/converge-meanwhile';
import { decided } from '../support/converge-stage';

const UNDER_WAY_MS = 30_000;

/** The holder of `main` died and its failover #2 was decided, while the change #1 is under way. */
async function stage() {
  const { clock, store, world, deps } = await decided();
  const warned: string[] = [];
  const warn = (message: string): void => void (message.includes('main#1') && warned.push(message));
  const status = (): string | undefined => store.transitions.get('main#2')?.status;
  const meanwhile = (working: Promise<unknown> = clock.sleep(UNDER_WAY_MS), own = { vipId: 'main', epoch: 1 }) => {
    const state = { over: false };
    const told = { ...deps, log: { ...deps.log, warn } };
    void convergeMeanwhile(told, own, working, DEFAULT_TIMING).finally(() => (state.over = true));
    return state;
  };
  return { clock, store, world, deps, warned, status, meanwhile };
}

describe('while one change of holder is under way', () => {
  it('another one that nobody works on is done beside it', async () => {
    const { clock, status, meanwhile } = await stage();

    meanwhile();
    const tookMs = await clock.until(() => status() === 'done', UNDER_WAY_MS);

    expect(tookMs).toBeLessThan(8_000);
  });

  it.each([
    ['the change itself', { vipId: 'main', epoch: 2 }],
    ['one that was decided before it', { vipId: 'main', epoch: 3 }],
    ['another VIP, which the stream does not hold up', { vipId: 'other', epoch: 1 }],
  ])('nothing is begun of %s', async (_words, own) => {
    const { clock, world, meanwhile } = await stage();
    const before = world.calls.length;

    meanwhile(clock.sleep(UNDER_WAY_MS), own);
    await clock.advance(5_000);

    expect(world.calls.slice(before)).toEqual([]);
  });

  it('nothing is begun that somebody works on', async () => {
    const { clock, store, deps, world, meanwhile } = await stage();
    const before = world.calls.length;
    await store.takeTransitionLease('main#2', 'somebody', deps.clock.wallMs(), deps.clock.wallMs() + 60_000);
    const takes = jest.spyOn(store, 'takeTransitionLease');

    meanwhile();
    await clock.advance(5_000);

    expect(takes).not.toHaveBeenCalled();
    expect(world.calls.slice(before)).toEqual([]);
  });

  it('what was begun is ended, also when the other one has ended before', async () => {
    const { clock, world, status, meanwhile } = await stage();
    const { attach } = world.elasticIps;
    world.elasticIps.attach = (...what) => clock.sleep(5_000).then(() => attach(...what));

    const state = meanwhile(clock.sleep(1_100));
    await clock.advance(1_200);
    expect([state.over, status()]).toEqual([false, 'open']);

    await clock.until(() => state.over, 90_000);
    expect(status()).toBe('done');
  });

  it('it is over at once when that one has ended or failed, and nothing was begun', async () => {
    const { clock, meanwhile } = await stage();

    const states = [meanwhile(Promise.resolve()), meanwhile(Promise.reject(new Error('store')))];
    await clock.advance(0);

    expect(states).toEqual([{ over: true }, { over: true }]);
  });

  it('a store that does not answer is asked again, and fails nobody', async () => {
    const { clock, store, status, warned, meanwhile } = await stage();
    const found = jest.spyOn(store, 'listUnfinishedTransitions').mockRejectedValue(new OutsideTimeout('it is away'));
    const state = meanwhile();
    await clock.advance(3_500);
    expect(warned).toHaveLength(3);

    found.mockRestore();
    await clock.until(() => status() === 'done', UNDER_WAY_MS);

    await clock.until(() => state.over, 90_000);
  });

  it('one that cannot be begun is left to its own record, and is not begun again', async () => {
    const { clock, store, warned, meanwhile } = await stage();
    jest.spyOn(store, 'readTopology').mockRejectedValue(new OutsideTimeout('DynamoDB is away'));

    const state = meanwhile(clock.sleep(5_500));
    await clock.until(() => state.over, 90_000);

    expect(warned).toEqual([expect.stringMatching(/^main#2 could not be worked on while main#1/)]);
  });

  it('what is decided after it has ended is begun as well, while what was begun goes on', async () => {
    const { clock, store, world, meanwhile } = await stage();
    world.elasticIps.attach = () => clock.sleep(20_000).then(() => Promise.reject(new OutsideTimeout('EC2 is away')));
    meanwhile(clock.sleep(1_100));
    await clock.advance(2_000);
    const begun = store.transitions.get('main#2');
    if (begun === undefined) throw new Error('no journal');
    const next = { ...begun, id: 'main#3', epoch: 3, lease: null };
    store.transitions.set(next.id, next);
    jest.spyOn(store, 'listUnfinishedTransitions').mockResolvedValue([next]);
    const takes = jest.spyOn(store, 'takeTransitionLease');

    await clock.advance(2_000);

    expect(takes.mock.calls.map(([id]) => id)).toContain('main#3');
  });

  it('nothing is begun that could not be ended in time, and what was begun has what is left', async () => {
    const { clock, store, meanwhile } = await stage();
    const { budgetMs } = DEFAULT_TIMING;
    const found = jest.spyOn(store, 'listUnfinishedTransitions').mockResolvedValue([]);

    const state = meanwhile(clock.sleep(2 * budgetMs));
    await clock.advance(budgetMs);

    const lastMs = 45_000;
    expect(found.mock.calls.length).toBeGreaterThanOrEqual(lastMs / 1_000 - 1);
    expect(found.mock.calls.length).toBeLessThanOrEqual(lastMs / 1_000 + 1);
    expect(state.over).toBe(false);
    await clock.advance(budgetMs);
    expect(state.over).toBe(true);
  });
});
