import { STATE_INVARIANTS, TABLE_INVARIANTS } from '../../../lib/simulation/invariants/states';
import { PAIR } from '../../../lib/simulation/scenario';
import type { World } from '../../../lib/simulation/world/world';
import { pair, worldAfter } from '../scenarios';
import { SETTLED_MS, settled, failingOver, named, present, nodeOf, controlOf } from './stage';

describe('invariants of every instant', () => {
  it('hold of a settled cluster', async () => {
    const world = await settled();

    expect([...STATE_INVARIANTS, ...TABLE_INVARIANTS].map(({ broken }) => broken(world))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('tell of two nodes that act for one private VIP', async () => {
    const world = await worldAfter(SETTLED_MS, pair({ shape: { ...PAIR, elasticIps: false } }));
    const invariant = named(STATE_INVARIANTS, '1. at most one unfenced node');
    expect(invariant.broken(world)).toBeNull();

    world.truth.acts = () => true;

    expect(invariant.broken(world)).toBe('fs-1 and fs-2 both act for vip-1');
  });

  it.each([
    ['while its owner lives', { ownerWasAlive: true }],
    ['while its owner lives and is locked out', null],
    ['twice', 'twice'],
  ] as const)('tell of a row that is recovered %s only where that is wrong', async (_words, wrong) => {
    const world = await settled();
    const recovery = {
      atMs: SETTLED_MS,
      transitionId: 'vip-1#2',
      leg: 'leg-1',
      coreUuidOfRows: 'old',
      ownCoreUuid: 'new',
      ownerWasAlive: false,
      ownerWasLocked: false,
      livedAlready: false,
    };
    const recoveries = present(world.nodeWorld.database).recoveries;
    const invariant = named(STATE_INVARIANTS, '3. rows');

    if (wrong === null) recoveries.push({ ...recovery, ownerWasAlive: true, ownerWasLocked: true });
    else if (wrong === 'twice') recoveries.push(recovery, recovery);
    else recoveries.push({ ...recovery, ...wrong });

    const said = invariant.broken(world);
    if (wrong === null) expect(said).toBeNull();
    else expect(said).toContain(wrong === 'twice' ? 'a second time' : 'while its owner could still write');
  });

  it('tell of a counter that is off by one', async () => {
    const world = await settled();

    controlOf(world).transitionsInFlight += 1;

    expect(named(TABLE_INVARIANTS, '8. transitions').broken(world)).toBe('0 are open, 1 are counted');
  });

  it('tell of more changes at once than the policy allows', async () => {
    const world = await failingOver();
    const invariant = named(TABLE_INVARIANTS, '8. no more changes');
    expect(invariant.broken(world)).toBeNull();

    const topology = present(world.topology);
    const policy = { ...topology.policy, maxTransitionsInFlight: 0 };

    expect(invariant.broken({ table: world.table, topology: { ...topology, policy } } as World)).toBe(
      '1 are open, and 0 are allowed',
    );
  });

  it('tell of a holder whose claim is gone', async () => {
    const world = await settled();

    nodeOf(world, 'fs-1').claims = [];

    expect(named(TABLE_INVARIANTS, '1. a VIP is claimed').broken(world)).toBe('fs-1 holds vip-1 without a claim');
  });
});
