/** What quiet time is, clause by clause, and what becomes of the past where it is skipped: of a pair that stands still. */
import type {
  DatabaseEvidence,
  EslEvidence,
  Observation,
  ObserverLease,
  SipEvidence,
  StoredIncident,
  Topology,
  VipState,
  VipTopology,
} from '../../lib/domain/model';
import { strike } from '../../lib/simulation/faults/strike';
import { EPOCH_MS } from '../../lib/simulation/kernel/kernel';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import type { Invocation } from '../../lib/simulation/world/functions';
import type { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, worldAfter } from './scenarios';

const SECOND_MS = 1_000;
/** After the turns of eleven minutes that observers have by the schedule. */
const TURN_MS = 11 * MINUTE_MS;
/** What is lived through before whatever comes next. */
const BEFORE_MS = 5 * SECOND_MS;

/** Between two ticks of the schedule, as soon as its nodes are well for long. */
async function atRest(): Promise<World> {
  const world = await worldAfter(1.5 * MINUTE_MS);
  expect(world.skipper.isAtRest()).toBe(true);
  return world;
}

type Change = (world: World) => void;

const nowMs = ({ kernel }: World): number => EPOCH_MS + kernel.nowMs;
const vipOf = ({ table }: World): VipState => table.vips.get('vip-1')!;
const observers = ({ functions }: World): Invocation[] => [...functions.running];
const leaseOf = ({ table }: World, { process }: Invocation): ObserverLease =>
  [...table.leases.values()].find(({ owner }) => owner === process.name)!;

/** What the observer of one zone sees of a node: fs-1 holds the VIP, and fs-2 is its standby. */
function sees(nodeId: string, change: (seen: Observation, nowMs: number) => Partial<Observation>): Change {
  return (world) => {
    const key = `${nodeId}#us-east-1c`;
    const seen = world.table.observations.get(key)!;
    world.table.observations.set(key, { ...seen, ...change(seen, nowMs(world)) });
  };
}

const seesEsl = (nodeId: string, verdict: EslEvidence['verdict']): Change =>
  sees(nodeId, ({ esl }) => ({ esl: { ...esl, verdict } }));
const seesSip = (nodeId: string, verdict: SipEvidence['verdict']): Change =>
  sees(nodeId, ({ sip }) => ({ sip: { 'vip-1': { ...sip['vip-1']!, verdict } } }));
const seesDatabase = (nodeId: string, verdict: DatabaseEvidence['verdict']): Change =>
  sees(nodeId, ({ database }) => ({ database: { ...database!, verdict } }));
const seesItWellFor = (nodeId: string, ms: number): Change =>
  sees(nodeId, (_seen, atMs) => ({ eslWellSinceMs: atMs - ms }));

function redraw(change: (topology: Topology) => Partial<Topology>): Change {
  return ({ table }) => void (table.topology = { ...table.topology!, ...change(table.topology!) });
}

/** Runs until somebody ends it. */
function invoke(world: World, name: string, zone: string | null): void {
  world.functions.invoke({ name, zone, timeoutMs: TURN_MS }, () => new Promise(() => undefined));
}

function endObserverOfC({ functions }: World): void {
  functions.kill(({ zone }) => zone === 'us-east-1c');
}

function incident(world: World, notifiedAtMs: number | null): StoredIncident {
  const subject = { vipId: 'vip-1', nodeId: null, epoch: 1 };
  const raised = { kind: 'gray-failure' as const, ...subject, reasons: [], atMs: nowMs(world) - MINUTE_MS };
  return { ...raised, notifiedAtMs, overAtMs: null, untoldSinceMs: null };
}

beforeAll(useLightAbort);

describe('no quiet time is', () => {
  it.each<[string, Change]>([
    // the world
    ['before anything is deployed', ({ table }) => void (table.topology = null)],
    ['while a fault is at work', (world) => strike(world, { kind: 'busy', nodeId: 'fs-1', forMs: MINUTE_MS })],
    ['while callers are led nowhere', ({ ec2 }) => void (ec2.elasticIps.get('eipalloc-1')!.association = null)],
    // the table
    ['while the cluster is paused', ({ table }) => void (table.control!.paused = true)],
    ['while a change of holder is in flight', ({ table }) => void (table.control!.transitionsInFlight = 1)],
    ['while the holder is paused', ({ table }) => void (table.nodes.get('fs-1')!.paused = true)],
    ['while the standby is paused', ({ table }) => void (table.nodes.get('fs-2')!.paused = true)],
    ['while a node is out of service', ({ table }) => void (table.nodes.get('fs-2')!.lockedBy = 'vip-1#1')],
    ['while a VIP moves', (world) => void (vipOf(world).status = 'moving')],
    ['while a VIP has no holder', (world) => void (vipOf(world).status = 'unassigned')],
    ['while a VIP is paused', (world) => void (vipOf(world).paused = true)],
    ['while the journal of the last change is not there', ({ table }) => void table.transitions.delete('vip-1#1')],
    [
      'while a step of the last change is left',
      ({ table }) => void (table.transitions.get('vip-1#1')!.steps.ledger.status = 'pending'),
    ],
    ['while an incident is to be told', (world) => void world.table.incidents.set('it', incident(world, null))],
    // the observers
    ['while a zone has no observer', endObserverOfC],
    [
      'while a zone has two observers and another has none',
      (world) => {
        endObserverOfC(world);
        invoke(world, 'observer-us-east-1a', 'us-east-1a');
      },
    ],
    [
      'while another function runs in the place of an observer',
      (world) => {
        endObserverOfC(world);
        invoke(world, 'failover', null);
      },
    ],
    [
      'with a clock that was set: whoever relieves its observer has the right one',
      (world) => void (observers(world)[0]!.process.wallOffsetMs = 4_400),
    ],
    // what they see
    ['while one has not looked at the holder', ({ table }) => void table.observations.delete('fs-1#us-east-1c')],
    ['while one has not looked at the standby', ({ table }) => void table.observations.delete('fs-2#us-east-1a')],
    ['while one is blind', sees('fs-2', () => ({ blind: true }))],
    ['while one is muted', sees('fs-2', () => ({ muted: true }))],
    ['while the holder does not answer over ESL', seesEsl('fs-1', 'silent')],
    ['while the standby is out of service', seesEsl('fs-2', 'paused')],
    ['while the holder is full', seesSip('fs-1', 'busy')],
    ['while the holder is in standby', seesSip('fs-1', 'standby')],
    ['while the standby serves', seesSip('fs-2', 'ok')],
    ['while the database is slow', seesDatabase('fs-2', 'slow')],
    ['while a node is not well', sees('fs-2', () => ({ eslWellSinceMs: null }))],
    ['while a node is not well for long', seesItWellFor('fs-2', 30 * SECOND_MS)],
    ['while the last look missed by ESL', sees('fs-2', () => ({ eslHistory: 0b1 }))],
    ['while the last look missed by SIP', sees('fs-2', () => ({ sipHistory: { 'vip-1': 0b1 } }))],
  ])('%s', async (_words, breakIt) => {
    const world = await atRest();

    breakIt(world);

    expect(world.skipper.isAtRest()).toBe(false);
  });
});

describe('quiet time is', () => {
  it.each<[string, Change]>([
    ['although an incident lasts that was told', (world) => void world.table.incidents.set('it', incident(world, 1))],
    ['as soon as a node is well for long', seesItWellFor('fs-2', 30 * SECOND_MS + 1)],
    ['although a node has no address of a VIP', sees('fs-2', () => ({ sip: {} }))],
    ['without a database', sees('fs-2', () => ({ database: null }))],
    ['although a look missed that was not the last', sees('fs-2', () => ({ eslHistory: 0b10 }))],
  ])('%s', async (_words, change) => {
    const world = await atRest();

    change(world);

    expect(world.skipper.isAtRest()).toBe(true);
  });

  it.each([
    ['fs-1', 0b1_0001_0001_0000, false],
    ['fs-1', 0b1_0000, true],
    // Of the standby nobody tells.
    ['fs-2', 0b1_0001_0001_0000, true],
  ])('not while loss of a holder is remembered: %s, looks %i', async (nodeId, history, isAtRest) => {
    const world = await atRest();

    for (const seen of world.table.observations.values()) if (seen.nodeId === nodeId) seen.eslHistory = history;

    expect(world.skipper.isAtRest()).toBe(isAtRest);
  });

  /** How long a candidate must be well counts as far as 30 s: under loss nobody is well for minutes. */
  it.each([
    [10, 10, false],
    [10, 10.001, true],
    [120, 30, false],
    [120, 30.001, true],
  ])('with a hold-down of %i s, and a node that is well for %f s: %p', async (holdDownS, wellForS, isAtRest) => {
    const world = await atRest();

    redraw(({ policy }) => ({ policy: { ...policy, holdDownMs: holdDownS * SECOND_MS } }))(world);
    seesItWellFor('fs-2', wellForS * SECOND_MS)(world);

    expect(world.skipper.isAtRest()).toBe(isAtRest);
  });
});

describe('a VIP that is away from home', () => {
  const FAILBACK_AFTER_MS = 10 * SECOND_MS;
  /** It would have been moved by now if nothing stood against it: what has not moved a while later stays. */
  const awayFromHome = async (): Promise<World> => {
    const world = await atRest();
    redraw(({ policy, vips }) => ({
      policy: { ...policy, failback: 'automatic', failbackAfterMs: FAILBACK_AFTER_MS },
      vips: vips.map((vip) => ({ ...vip, candidates: ['fs-2', 'fs-1'] })),
    }))(world);
    expect(world.skipper.isAtRest()).toBe(true);
    return world;
  };
  /** From where it may go home, a turn of the schedule is waited for. */
  const [AT_LAST_MS, OVER_MS] = [69_999, 70_000];
  const heldFor = (world: World, ms: number): void => void (vipOf(world).changedAtMs = nowMs(world) - ms);
  const sinceItIsDue = (world: World, ms: number): void => heldFor(world, FAILBACK_AFTER_MS + ms);
  const itsHomeIsWell = (world: World, ms: number): void => seesItWellFor('fs-2', FAILBACK_AFTER_MS + ms)(world);
  const itsBlockIsOver = (world: World, ms: number): void =>
    void (vipOf(world).lastAutomaticFailoverAtMs = nowMs(world) - world.topology!.policy.blockPeriodMs - ms);

  it.each([
    ['its time where it is', sinceItIsDue],
    ['that of its home’s health', itsHomeIsWell],
    ['its block', itsBlockIsOver],
  ])('waits for %s, and then for who decides', async (_words, over) => {
    const world = await awayFromHome();

    over(world, AT_LAST_MS);
    expect(world.skipper.isAtRest()).toBe(false);

    over(world, OVER_MS);
    expect(world.skipper.isAtRest()).toBe(true);
  });

  it('waits on when the database has just been in trouble', async () => {
    const world = await awayFromHome();
    seesDatabase('fs-1', 'slow')(world);
    expect(world.skipper.isAtRest()).toBe(false);

    seesDatabase('fs-1', 'ok')(world);

    expect(world.skipper.isAtRest()).toBe(false);
  });

  const withVip = (change: Partial<VipTopology>): Change =>
    redraw(({ vips }) => ({ vips: vips.map((vip) => ({ ...vip, ...change })) }));

  it.each<[string, Change]>([
    ['where an operator moves it', redraw(({ policy }) => ({ policy: { ...policy, failback: 'manual' } }))],
    ['where only an operator may choose its first node', withVip({ manualOnly: ['fs-2'] })],
    ['where only an operator may choose any node', withVip({ manualOnly: ['fs-1', 'fs-2'] })],
    ['once it is at home', withVip({ candidates: ['fs-1', 'fs-2'] })],
  ])('is not waited for %s', async (_words, change) => {
    const world = await awayFromHome();
    heldFor(world, 0);
    expect(world.skipper.isAtRest()).toBe(false);

    change(world);

    expect(world.skipper.isAtRest()).toBe(true);
  });
});

describe('a skip', () => {
  const OBSERVER_IS_OLD_ENOUGH_MS = 15 * SECOND_MS;
  /** From the age of all observers: what is skipped lands that far from the hand-over of any. */
  const aged = async (ageMs: number): Promise<World> => {
    const world = await atRest();
    for (const observer of observers(world)) observer.startedAtMs = world.kernel.nowMs - ageMs;
    return world;
  };
  const roomOf = ({ kernel }: World, ms: number): number => kernel.elapsedMs + BEFORE_MS + ms;

  it.each([
    [29_999, 20_000],
    [30_000, 30_000],
    [9_999, 0],
  ])('of %i ms of room is of whole ten seconds: %i', async (roomMs, skippedMs) => {
    const world = await aged(MINUTE_MS);

    world.skipper.skip(roomOf(world, roomMs));

    expect(world.kernel.skippedMs).toBe(skippedMs);
  });

  it('leaves what comes next to be lived through, and what comes after it', async () => {
    const world = await aged(MINUTE_MS);
    world.kernel.onDate(roomOf(world, 40_000), () => undefined);

    world.skipper.skip(roomOf(world, 20_000));
    // As far as the date, wherever it is by now.
    world.skipper.skip(Infinity);
    expect(world.kernel.skippedMs).toBe(40_000);

    world.skipper.skip(Infinity);
    expect(world.kernel.skippedMs).toBe(40_000);
  });

  it('leaves bursts to be lived through that could make a majority act against a holder', async () => {
    const world = await aged(MINUTE_MS);
    const { kernel, bursts } = world;
    const atMs = roomOf(world, 50_000);
    const search = jest.spyOn(bursts, 'nextConsequence').mockReturnValue(atMs);

    world.skipper.skip(atMs + MINUTE_MS);

    expect(kernel.skippedMs).toBe(50_000);
    const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
    // All miss five looks, the deadlines of four lie between, and that is a death; or two do, for the hold of 5 s.
    const meetings = [
      { zones: 3, leastMs: 1_600 },
      { zones: 2, leastMs: 4_000 },
    ];
    const needs = { meetings, joinedWithinMs: 420, togetherWithinMs: 4_200 };
    expect(search.mock.calls).toEqual([[zones, 'fs-1', atMs - 55_000, atMs + MINUTE_MS, needs]]);
  });

  it.each([
    [OBSERVER_IS_OLD_ENOUGH_MS - 1, 60_000, 0],
    [OBSERVER_IS_OLD_ENOUGH_MS, 60_000, 60_000],
    // Lands where it is about to be relieved, or where its successor has just come: it is shorter.
    [TURN_MS - 65_000, 50_000, 50_000],
    [TURN_MS - 64_999, 50_000, 40_000],
    [TURN_MS - 65_000, 79_999, 50_000],
    [TURN_MS - 65_000, 80_000, 80_000],
  ])('begins and ends far from a hand-over: at %i ms of age, with room for %i ms', async (ageMs, roomMs, skippedMs) => {
    const world = await aged(MINUTE_MS);
    observers(world)[1]!.startedAtMs = world.kernel.nowMs - ageMs;

    world.skipper.skip(roomOf(world, roomMs));

    expect(world.kernel.skippedMs).toBe(skippedMs);
  });

  it.each([
    ['by what was skipped', 2 * MINUTE_MS, MINUTE_MS],
    ['or as old as its successor is by then', TURN_MS - 40 * SECOND_MS, MINUTE_MS - TURN_MS],
  ])('makes an observer older, and its lease: %s', async (_words, ageMs, moreMs) => {
    const world = await aged(ageMs);
    const [observer, another] = observers(world) as [Invocation, Invocation];
    const [lease, anothers] = [leaseOf(world, observer), leaseOf(world, another)];
    anothers.owner = 'somebody else';
    const before = { ms: lease.startedAtMs, anothersMs: anothers.startedAtMs };

    world.skipper.skip(roomOf(world, MINUTE_MS));
    expect([world.skipper.ageOf(observer.process), lease.startedAtMs]).toEqual([moreMs, before.ms - moreMs]);

    // It goes on from where the first one left it.
    world.skipper.skip(roomOf(world, MINUTE_MS));
    const inAllMs = moreMs + MINUTE_MS;
    expect([world.skipper.ageOf(observer.process), lease.startedAtMs]).toEqual([inAllMs, before.ms - inAllMs]);
    expect(anothers.startedAtMs).toBe(before.anothersMs);

    observer.process.kill();
    expect(world.skipper.ageOf(observer.process)).toBe(0);
  });

  it('lets an observer that stands for its successor live as long as that does', async () => {
    const world = await worldAfter(5.5 * MINUTE_MS);
    const namesOf = (): string[] => observers(world).map(({ process }) => process.name);
    const before = namesOf();
    // Half a minute after they would have been relieved, so that they are five minutes younger.
    world.skipper.skip(roomOf(world, 6 * MINUTE_MS));
    expect(world.kernel.skippedMs).toBe(6 * MINUTE_MS);

    // Lambda gives them a quarter of an hour from their own beginning, which is over now.
    await world.kernel.run(15.2 * MINUTE_MS, () => undefined);

    expect(namesOf()).toEqual(before);
  });
});

describe('what is dated in the table', () => {
  const PAST_MS = MINUTE_MS;
  /** With an incident that was told, and a word of EC2. */
  const withAPast = async (): Promise<World> => {
    const world = await atRest();
    const atMs = nowMs(world) - PAST_MS;
    Object.assign(vipOf(world), { changedAtMs: atMs, lastAutomaticFailoverAtMs: atMs, acknowledgedAtMs: atMs });
    Object.assign(vipOf(world), { recentFailoversAtMs: [atMs - 1, atMs], failoverEvents: { [atMs]: 'node fs-1' } });
    world.table.incidents.set('it', { ...incident(world, atMs), atMs });
    world.table.instances.set('fs-2', { nodeId: 'fs-2', state: 'running', atMs });
    return world;
  };
  const told = ({ table }: World): StoredIncident => table.incidents.get('it')!;

  it.each<[string, (world: World) => unknown]>([
    ['the last change of a VIP', (world) => vipOf(world).changedAtMs],
    ['its last failover', (world) => vipOf(world).lastAutomaticFailoverAtMs],
    ['that it was acknowledged', (world) => vipOf(world).acknowledgedAtMs],
    ['an incident', (world) => told(world).atMs],
    ['that it was told', (world) => told(world).notifiedAtMs],
    ['a word of EC2', ({ table }) => table.instances.get('fs-2')!.atMs],
  ])('is so much longer ago after a skip: %s', async (_words, dateOf) => {
    const world = await withAPast();

    world.kernel.skip(10 * MINUTE_MS);

    // The clocks of those who live stand, so that the past moves away from them.
    expect(nowMs(world) - Number(dateOf(world))).toBe(PAST_MS + 10 * MINUTE_MS);
  });

  it('is so much longer ago, each failover of the last hour with what fell in it', async () => {
    const world = await withAPast();

    world.kernel.skip(10 * MINUTE_MS);

    const atMs = nowMs(world) - PAST_MS - 10 * MINUTE_MS;
    expect(vipOf(world).recentFailoversAtMs).toEqual([atMs - 1, atMs]);
    expect(vipOf(world).failoverEvents).toEqual({ [atMs]: 'node fs-1' });
  });

  it('is not moved where nothing happened', async () => {
    const world = await atRest();
    world.table.incidents.set('it', incident(world, null));

    world.kernel.skip(10 * MINUTE_MS);

    const { lastAutomaticFailoverAtMs, acknowledgedAtMs, recentFailoversAtMs } = vipOf(world);
    expect([lastAutomaticFailoverAtMs, acknowledgedAtMs, recentFailoversAtMs]).toEqual([null, null, []]);
    expect(told(world).notifiedAtMs).toBeNull();
  });

  it('is not moved where somebody lives by it: looks and leases are as young as before', async () => {
    const world = await atRest();
    const { observations, leases } = world.table;
    const before = structuredClone({ observations, renewed: [...leases.values()].map((lease) => lease.renewedAtMs) });

    world.kernel.skip(10 * MINUTE_MS);

    const renewed = [...leases.values()].map((lease) => lease.renewedAtMs);
    expect({ observations, renewed }).toEqual(before);
  });
});
