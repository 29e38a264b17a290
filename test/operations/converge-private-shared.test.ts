/** A VIP without a public address leaves a node that holds another VIP: the stop of that node is the only fence there is. */
import type { Change } from '../../lib/domain/decision';
import type { Observation, StepName, VipState } from '../../lib/domain/model';
import { looks, sip, topologyOf, vipState, withSecondVip, ZONES } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove, journalOf } from '../support/moves';

type Seen = Parameters<typeof looks> extends [string, infer Esl, infer Sip, ...unknown[]] ? readonly [Esl, Sip] : never;

const SILENT: Seen = ['silent', 'silent'];
const ON_A = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };

/** The failover of `main` from fs-a is decided; fs-a, which is seen like that by now, holds `second`, too. */
async function besideSecond(
  seen: Partial<Record<string, Seen>>,
  second: Partial<VipState> = {},
  secondIsPrivate = true,
): Promise<Stage> {
  const plain = topologyOf(3);
  const topology = { ...plain, vips: plain.vips.map((vip) => ({ ...vip, elasticIp: null })) };
  const stage = await decided('suspected-death', {}, topology);
  const both = withSecondVip(topology);
  const elasticIp = secondIsPrivate ? null : { allocationId: 'eipalloc-2', publicIp: '198.51.100.9' };
  const vips = both.vips.map((vip) => (vip.id === 'second' ? { ...vip, elasticIp } : vip));
  await stage.store.putTopology({ ...both, vips });
  stage.store.vips.set('second', vipState({ vipId: 'second', epoch: 7, holder: ON_A, changedAtMs: 0, ...second }));
  await see(stage, seen);
  return stage;
}

/** By every observer: silent, as ever, from the zones that see nothing else. */
async function see({ store, clock }: Stage, seen: Partial<Record<string, Seen>>): Promise<void> {
  store.observations.clear();
  const atMs = clock.wallMs();
  for (const zone of ZONES) {
    const [esl, ofSip] = seen[zone] ?? SILENT;
    const since = ofSip === 'silent' ? atMs - 20_000 : null;
    const misses = ofSip === 'silent' ? 10 : 0;
    const perVip = <T>(value: T): Record<string, T> => ({ main: value, second: value });
    const [look] = looks('fs-a', esl, ofSip, {
      ...{ observedAtMs: atMs, eslMissingSinceMs: esl === 'ok' ? null : atMs - 20_000 },
      ...{ sip: perVip(sip(ofSip)), sipMisses: perVip(misses), sipMissingSinceMs: perVip(since) },
    });
    if (look !== undefined) await store.putObservation({ ...look, zone } satisfies Observation, atMs);
  }
}

/** EC2 stops the old node once it is asked to: throws where it never is. */
async function convergeWithStop({ converge, clock, world }: Stage, seed = 1): Promise<void> {
  const old = world.instances.get('i-a');
  if (old === undefined) throw new Error('no instance');
  const pending = converge(seed);
  await clock.until(() => old.state === 'stopping', 30_000);
  old.state = 'stopped';
  await pending;
}

describe('the node that is left', () => {
  it.each<[string, Partial<VipState>]>([
    ['has no node to go to, or waits for its block period', {}],
    ['a human has paused', { paused: true }],
    ['is on its way there', { status: 'moving' }],
  ])('is stopped where the other VIP is dead there, too: one that %s', async (_words, second) => {
    const stage = await besideSecond({}, second);

    await convergeWithStop(stage);

    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });

  const everywhere = (seen: Seen): Record<string, Seen> => Object.fromEntries(ZONES.map((zone) => [zone, seen]));
  it.each<[string, Partial<Record<string, Seen>>]>([
    ['is served there: the node came back', everywhere(['ok', 'ok'])],
    ['is served there for one zone', { [ZONES[2]]: ['ok', 'ok'] }],
    ['has calls there, and a SIP stack that is stuck', everywhere(['ok', 'silent'])],
  ])('is left running while the other VIP %s', async (_words, seen) => {
    const stage = await besideSecond(seen, { paused: true });

    await stage.converge();

    expect(stage.world.calls).not.toContain('ec2.forceStop');
    expect(stage.world.promotions).toEqual([]);
    expect(stage.journal().steps.stop).toMatchObject({
      status: 'pending',
      error: 'fs-a is left running while it may serve second: move that VIP away',
    });
  });

  it('is left running while callers of an Elastic IP may reach it, though no observer does', async () => {
    const stage = await besideSecond({}, {}, false);

    await stage.converge();

    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  it('is stopped where the process behind that Elastic IP has ended', async () => {
    const refused: Seen = ['refused', 'silent'];
    const stage = await besideSecond(everywhere(refused), {}, false);

    await convergeWithStop(stage);

    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });

  it('is left running while nobody can tell', async () => {
    const stage = await besideSecond({});
    stage.store.observations.clear();

    await stage.converge();

    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  it.each<[string, (stage: Stage) => Promise<void>]>([
    ['dies there, too', (stage) => see(stage, {})],
    [
      'was moved away',
      ({ store }) => {
        store.vips.set('second', vipState({ vipId: 'second', epoch: 8, holder: { ...ON_A, nodeId: 'fs-c' } }));
        return Promise.resolve();
      },
    ],
  ])('is stopped by the next run once the other VIP %s', async (_words, change) => {
    const stage = await besideSecond(Object.fromEntries(ZONES.map((zone) => [zone, ['ok', 'ok'] as const])));
    await stage.converge();

    await change(stage);
    await convergeWithStop(stage, 2);

    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });
});

describe('the node that is left, and that another VIP is to leave by a planned move', () => {
  const toC = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
  const SERVED: Record<string, Seen> = Object.fromEntries(ZONES.map((zone) => [zone, ['ok', 'ok'] as const]));

  /** `second` is served on fs-a, and its item names fs-c by now. */
  async function besideMove(change: Partial<Change> = {}, done: StepName[] = [], seen = SERVED): Promise<Stage> {
    const stage = await besideSecond(seen, { status: 'moving', holder: toC });
    const topology = (await stage.store.readCluster()).topology;
    const move = aMove({ vipId: 'second', to: toC, expectedEpoch: 6, ...change });
    stage.store.transitions.set('second#7', journalOf(move, topology, stage.clock.wallMs(), done));
    return stage;
  }

  it('is left running until that one begins: its callers are served there', async () => {
    const stage = await besideMove();

    await stage.converge();

    expect(stage.world.calls).not.toContain('ec2.forceStop');
    expect(stage.journal().steps.stop).toMatchObject({
      status: 'pending',
      error: 'fs-a is left running while it may serve second, which has not left it',
    });
  });

  it.each<[string, Partial<Change>, StepName[], Record<string, Seen>]>([
    ['has ended the process', {}, ['fence'], SERVED],
    ['was drained: it serves nobody', { cause: 'operator-drained' }, [], SERVED],
    ['is a failover', { transition: 'failover', cause: 'suspected-death' }, [], SERVED],
    ['leaves another node', { from: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } }, [], SERVED],
    ['is dead there, too', {}, [], {}],
  ])('is stopped where that one %s', async (_words, change, done, seen) => {
    const stage = await besideMove(change, done, seen);

    await convergeWithStop(stage);

    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });

  it('is stopped by another planned move, which has asked for that one before it began', async () => {
    const stage = await besideMove();
    const { topology } = await stage.store.readCluster();
    stage.store.transitions.set('main#2', journalOf(aMove(), topology, stage.clock.wallMs()));

    await convergeWithStop(stage);

    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });
});
