/** Every kind of fault, and what is different in the world while it lasts: a run of faults that do nothing proves nothing. */
import { ownerOf } from '../../lib/domain/model';
import type { Direction, Fault, FaultKind, ScheduledFault } from '../../lib/simulation/faults/fault';
import { strike } from '../../lib/simulation/faults/strike';
import { EPOCH_MS } from '../../lib/simulation/kernel/kernel';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { Process } from '../../lib/simulation/kernel/process';
import { PAIR } from '../../lib/simulation/scenario';
import { CLUSTER } from '../../lib/simulation/world/cluster';
import { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from './scenarios';
import { endedIn } from './world/lone';

beforeAll(useLightAbort);

/** A cluster is settled by then, and for most of a minute no schedule comes. */
const SETTLED_MS = 65_000;
const [ZONE_A, ZONE_B, ZONE_C] = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
const ZONES = [ZONE_A, ZONE_B, ZONE_C];
const EC2_STOPS_MS = 2_000;

/** What a fault of a kind does, as somebody in the world can tell. */
interface Strike<Kind extends FaultKind = FaultKind> {
  fault: Extract<Fault, { kind: Kind }>;
  /** What has to be there to be struck. */
  prepare?: (world: World) => Promise<void>;
  /** A look at the world; it may take a while. */
  look: (world: World) => unknown;
  /** What that comes to before the fault and after it, and while it lasts. */
  well: unknown;
  struck: unknown;
  /** When it is looked at after the strike: at once if left out. */
  feltAfterMs?: number;
  /** When all is as before. null: what was done stays done. */
  overAfterMs: number | null;
  /** Whether the world is known to be disturbed while it lasts, so that no quiet time is skipped. */
  disturbs: boolean;
}

const live = (world: World, ms: number): Promise<void> => world.kernel.run(world.kernel.nowMs + ms, () => undefined);

const stateOf = (nodeId: string) => (world: World) => world.switchOf(nodeId).state;

/** What an observer in a zone sees of the event socket and the SIP of a node. */
async function lookFrom(world: World, zone: string, nodeId: string) {
  const { topology, nodeWorld, kernel } = world;
  const node = topology!.nodes.find(({ id }) => id === nodeId)!;
  const probe = nodeWorld.side.probe(new Process(kernel, `looker in ${zone}`), zone, node, topology!.vips);
  const ended = await endedIn(kernel, () => probe.probe(500));
  probe.close();
  const { esl, sip } = ended!.answer!;
  return { seen: `${esl.verdict}/${sip['vip-1']?.verdict}`, esl };
}

const seen = (nodeId: string, zones: readonly string[] = [ZONE_C]) =>
  async function (world: World): Promise<string> {
    const looks: string[] = [];
    for (const zone of zones) looks.push((await lookFrom(world, zone, nodeId)).seen);
    return looks.join(' ');
  };

const readsRows = (nodeId: string) => (world: World) => world.switchOf(nodeId).process?.canUseDatabase();

const clockOf = (nodeId: string) => async (world: World) => (await lookFrom(world, ZONE_C, nodeId)).esl.clockOffsetMs;

/** Which looks take longer than a quarter of a second. */
const slowFrom = (nodeId: string) => async (world: World) => {
  const slow: string[] = [];
  for (const zone of ZONES) if (((await lookFrom(world, zone, nodeId)).esl.latencyMs ?? 0) > 250) slow.push(zone);
  return slow;
};

/** From where packets do not get to the node, and to where none get back from it. */
const lostWays = (nodeId: string, zone: string) => async (world: World) => {
  const carries = (from: string, way: Direction): boolean => world.network.carries(from, { id: nodeId, zone }, way);
  const lost = ZONES.flatMap((from) =>
    (['there', 'back'] as const).filter((way) => !carries(from, way)).map((way) => `${from} ${way}`),
  );
  return [lost, await seen(nodeId, ZONES)(world)];
};

/** Whether the observer of a zone writes down what it sees. */
const watches = (world: World, zone: string): boolean => {
  const looks = [...world.table.observations.values()].filter((each) => each.zone === zone);
  const latestMs = Math.max(...looks.map(({ observedAtMs }) => observedAtMs));
  return EPOCH_MS + world.kernel.nowMs - latestMs < 6_000;
};

const observersIn = (world: World, zone: string) =>
  [...world.functions.running].filter(({ name }) => name === `observer-${zone}`);

const databaseOf = async (world: World): Promise<string | undefined> => {
  const ask = world.nodeWorld.side.askDatabase(new Process(world.kernel, 'asker'), ZONE_C);
  return (await endedIn(world.kernel, () => ask!(4_000)))?.answer?.verdict;
};

/** How calls to EC2 that are made together end. */
const callsToEc2 = async (world: World): Promise<string[]> => {
  const calls = Array.from({ length: 60 }, () => {
    let applied = false;
    const sentAtMs = world.kernel.nowMs;
    const process = new Process(world.kernel, 'caller');
    const call = world.weather.call(process, 'ec2', 'Act', () => (applied = true));
    return call.then(
      () => 'answered',
      ({ name }: Error) => {
        const when = world.kernel.nowMs - sentAtMs < 5_000 ? 'soon' : 'late';
        return `${name} ${when}, ${applied ? 'applied' : 'not applied'}`;
      },
    );
  });
  const endings = (await endedIn(world.kernel, () => Promise.all(calls)))?.answer;
  return [...new Set(endings)].sort();
};

/** Somebody associates the address elsewhere, and asks where it is. */
const readAfterChange = async (world: World): Promise<string> => {
  const { ec2, kernel, topology } = world;
  const before = ec2.elasticIps.get('eipalloc-1')?.association?.privateAddress;
  const to = topology!.nodes.find(({ vipAddresses }) => vipAddresses['vip-1'] !== before)!;
  world.people.moveAddress('vip-1', to.id);
  const addresses = ec2.addressesSeenBy(new Process(kernel, 'reader'), ownerOf(CLUSTER));
  const read = (await endedIn(kernel, () => addresses.read('eipalloc-1')))?.answer?.association?.privateAddress;
  return read === before ? 'old' : 'new';
};

const addressOf = (world: World): string | undefined =>
  world.ec2.elasticIps.get('eipalloc-1')?.association?.privateAddress;

const holder = (world: World): string | undefined => world.table.vips.get('vip-1')?.holder?.nodeId;

/** What becomes of a function of that name that is at work for some seconds. */
const work = (name: string) =>
  async function (world: World): Promise<string> {
    const turns: number[] = [];
    const invocation = world.functions.invoke({ name, zone: null, timeoutMs: MINUTE_MS }, async (process) => {
      for (let turn = 0; turn < 200; turn += 1) {
        await process.sleep(100);
        turns.push(turn);
      }
    });
    await live(world, 4_000);
    const turned = turns.length;
    await live(world, 4_000);
    const lives = invocation?.process.alive === true;
    invocation?.process.kill();
    if (!lives) return 'is dead';
    return turns.length > turned ? 'goes on' : 'stands still';
  };

/** Clocks of what runs in the zone, against the true one. */
const clocksIn = (zone: string) => (world: World) => {
  const { functions, kernel } = world;
  const running = [...functions.running].filter((each) => each.zone === zone);
  return [...new Set(running.map(({ process }) => process.wallMs() - EPOCH_MS - kernel.nowMs))];
};

/** Everything in the zone ends, and begins again with the next schedule. */
const replaced = async (world: World, zone: string): Promise<void> => {
  world.functions.kill((each) => each.zone === zone);
  await live(world, 2 * MINUTE_MS);
};

/** The VIP has moved since the table was copied. */
const moveSinceBackUp = async (world: World): Promise<void> => {
  world.backUp();
  world.people.switchOver('vip-1', () => undefined);
  await live(world, 50_000);
  world.backUp();
};

let firstCall = '';
/** Somebody calls, and that call is asked for. */
const rememberCall = (world: World): Promise<void> => {
  firstCall = [...world.switchOf('fs-1').callIdsOf('vip-1')][0] ?? 'nobody called';
  return Promise.resolve();
};
const placeOfCall = (world: World): string =>
  ['fs-1', 'fs-2'].find((nodeId) => world.switchOf(nodeId).callIdsOf('vip-1').has(firstCall)) ?? 'over';

const well = 'ok/ok';
const standsBy = 'ok/standby';

/** fs-1 holds the VIP, and fs-2 stands by: what is to last without consequences befalls that one. */
const STRIKES: { [Kind in FaultKind]: Strike<Kind> } = {
  crash: {
    fault: { kind: 'crash', nodeId: 'fs-2' },
    ...{ look: stateOf('fs-2'), well: 'up', struck: 'dead', overAfterMs: 10_000, disturbs: false },
  },
  'no-restart': {
    fault: { kind: 'no-restart', nodeId: 'fs-2', forMs: 8_000 },
    // One that is started again is up by then.
    ...{ look: stateOf('fs-2'), well: 'up', struck: 'dead', feltAfterMs: 7_000, overAfterMs: 15_000, disturbs: true },
  },
  'crash-loop': {
    fault: { kind: 'crash-loop', nodeId: 'fs-2', afterMs: 1_000, forMs: 8_000 },
    look: (world) => world.switchOf('fs-2').state === 'up',
    ...{ well: true, struck: false, feltAfterMs: 7_500, overAfterMs: 15_000, disturbs: true },
  },
  freeze: {
    fault: { kind: 'freeze', nodeId: 'fs-2', forMs: 2_000 },
    ...{ look: seen('fs-2'), well: standsBy, struck: 'silent/silent', overAfterMs: 3_000, disturbs: true },
  },
  'sip-stuck': {
    fault: { kind: 'sip-stuck', nodeId: 'fs-2', forMs: 2_000 },
    ...{ look: seen('fs-2'), well: standsBy, struck: 'ok/silent', overAfterMs: 3_000, disturbs: true },
  },
  'fall-into-standby': {
    fault: { kind: 'fall-into-standby', nodeId: 'fs-1' },
    ...{ look: seen('fs-1'), well, struck: 'ok/standby', overAfterMs: MINUTE_MS, disturbs: false },
  },
  busy: {
    fault: { kind: 'busy', nodeId: 'fs-1', forMs: 2_000 },
    ...{ look: seen('fs-1'), well, struck: 'ok/busy', overAfterMs: 3_000, disturbs: true },
  },
  'switch-paused': {
    fault: { kind: 'switch-paused', nodeId: 'fs-1', forMs: 2_000 },
    ...{ look: seen('fs-1'), well, struck: 'paused/busy', overAfterMs: 3_000, disturbs: true },
  },
  rejects: {
    fault: { kind: 'rejects', nodeId: 'fs-1', forMs: 2_000 },
    ...{ look: seen('fs-1'), well, struck: 'rejected/ok', overAfterMs: 3_000, disturbs: true },
  },
  'esl-closed': {
    fault: { kind: 'esl-closed', nodeId: 'fs-1', forMs: 2_000 },
    ...{ look: seen('fs-1'), well, struck: 'refused/ok', overAfterMs: 3_000, disturbs: true },
  },
  'esl-hangs': {
    fault: { kind: 'esl-hangs', nodeId: 'fs-1', forMs: 2_000 },
    ...{ look: seen('fs-1'), well, struck: 'silent/ok', overAfterMs: 3_000, disturbs: true },
  },
  'database-cut': {
    fault: { kind: 'database-cut', nodeId: 'fs-2', forMs: 2_000 },
    ...{ look: readsRows('fs-2'), well: true, struck: false, overAfterMs: 3_000, disturbs: true },
  },
  'clock-behind': {
    fault: { kind: 'clock-behind', nodeId: 'fs-2', byMs: 7_000, forMs: 2_000 },
    ...{ look: clockOf('fs-2'), well: 0, struck: -7_000, overAfterMs: 3_000, disturbs: true },
  },
  'clock-ahead': {
    fault: { kind: 'clock-ahead', nodeId: 'fs-2', byMs: 7_000, forMs: 2_000 },
    ...{ look: clockOf('fs-2'), well: 0, struck: 7_000, overAfterMs: 3_000, disturbs: true },
  },
  host: {
    fault: { kind: 'host', nodeId: 'fs-2', forMs: 2_000 },
    ...{ look: stateOf('fs-2'), well: 'up', struck: 'off', overAfterMs: MINUTE_MS, disturbs: true },
  },
  zone: {
    fault: { kind: 'zone', zone: ZONE_B, forMs: 75_000 },
    look: (world) => [stateOf('fs-2')(world), observersIn(world, ZONE_B).length, world.network.isOnline(ZONE_B)],
    ...{ well: ['up', 1, true], struck: ['off', 0, false] },
    // A schedule has come meanwhile.
    ...{ feltAfterMs: 70_000, overAfterMs: 4 * MINUTE_MS, disturbs: true },
  },
  isolation: {
    fault: { kind: 'isolation', zone: ZONE_B, forMs: 15_000 },
    look: async (world) => [await seen('fs-2', ZONES)(world), ...ZONES.map((zone) => watches(world, zone))],
    well: [`${standsBy} ${standsBy} ${standsBy}`, true, true, true],
    struck: [`silent/silent ${standsBy} silent/silent`, true, false, true],
    ...{ feltAfterMs: 12_000, overAfterMs: MINUTE_MS, disturbs: true },
  },
  'node-cut': {
    fault: { kind: 'node-cut', nodeId: 'fs-2', forMs: 2_000 },
    look: seen('fs-2', ZONES),
    well: `${standsBy} ${standsBy} ${standsBy}`,
    struck: 'silent/silent silent/silent silent/silent',
    ...{ overAfterMs: 4_000, disturbs: true },
  },
  'path-cut': {
    fault: { kind: 'path-cut', zone: ZONE_C, nodeId: 'fs-2', forMs: 2_000 },
    look: seen('fs-2', ZONES),
    well: `${standsBy} ${standsBy} ${standsBy}`,
    struck: `${standsBy} ${standsBy} silent/silent`,
    ...{ overAfterMs: 3_000, disturbs: true },
  },
  'one-way': {
    fault: { kind: 'one-way', zone: ZONE_C, nodeId: 'fs-2', lost: 'back', forMs: 2_000 },
    look: lostWays('fs-2', ZONE_B),
    well: [[], `${standsBy} ${standsBy} ${standsBy}`],
    struck: [[`${ZONE_C} back`], `${standsBy} ${standsBy} silent/silent`],
    ...{ overAfterMs: 3_000, disturbs: true },
  },
  delay: {
    fault: { kind: 'delay', zone: ZONE_C, nodeId: 'fs-2', byMs: 300, forMs: 2_000 },
    ...{ look: slowFrom('fs-2'), well: [], struck: [ZONE_C], overAfterMs: 3_000, disturbs: true },
  },
  'database-away': {
    fault: { kind: 'database-away', forMs: 6_000, silencesSip: true },
    look: async (world) => [await seen('fs-1')(world), await databaseOf(world)],
    ...{ well: [well, 'ok'], struck: ['ok/silent', 'away'], overAfterMs: MINUTE_MS, disturbs: true },
  },
  'database-slow': {
    fault: { kind: 'database-slow', forMs: 6_000, silencesSip: false },
    look: async (world) => [await seen('fs-1')(world), await databaseOf(world)],
    ...{ well: [well, 'ok'], struck: [well, 'slow'], overAfterMs: MINUTE_MS, disturbs: true },
  },
  storm: {
    fault: { kind: 'storm', service: 'ec2', share: 0.8, forMs: MINUTE_MS },
    look: callsToEc2,
    well: ['answered'],
    struck: [
      'OutsideRefused soon, not applied',
      'OutsideTimeout late, applied',
      'OutsideTimeout late, not applied',
      'OutsideTimeout soon, not applied',
      'answered',
    ],
    ...{ overAfterMs: MINUTE_MS, disturbs: true },
  },
  'service-away': {
    fault: { kind: 'service-away', service: 'ec2', forMs: MINUTE_MS },
    look: callsToEc2,
    ...{ well: ['answered'], struck: ['OutsideTimeout late, not applied'], overAfterMs: MINUTE_MS, disturbs: true },
  },
  'stale-reads': {
    fault: { kind: 'stale-reads', staleMs: MINUTE_MS, forMs: 5_000 },
    ...{ look: readAfterChange, well: 'new', struck: 'old', overAfterMs: 6_000, disturbs: true },
  },
  'functions-killed': {
    fault: { kind: 'functions-killed', name: 'failover', times: 1 },
    ...{ look: work('failover'), well: 'goes on', struck: 'is dead', overAfterMs: MINUTE_MS, disturbs: false },
  },
  'functions-frozen': {
    fault: { kind: 'functions-frozen', name: 'failover', forMs: 20_000 },
    ...{ look: work('failover'), well: 'goes on', struck: 'stands still', overAfterMs: MINUTE_MS, disturbs: false },
  },
  'observer-frozen': {
    fault: { kind: 'observer-frozen', zone: ZONE_C, forMs: 15_000 },
    look: (world) => ZONES.map((zone) => watches(world, zone)),
    well: [true, true, true],
    struck: [true, true, false],
    ...{ feltAfterMs: 12_000, overAfterMs: 40_000, disturbs: false },
  },
  'clock-stepped': {
    fault: { kind: 'clock-stepped', zone: ZONE_C, byMs: -5_000 },
    look: clocksIn(ZONE_C),
    ...{ well: [0], struck: [-5_000], overAfterMs: null, disturbs: false },
  },
  'stopped-gracefully': {
    fault: { kind: 'stopped-gracefully', nodeId: 'fs-2' },
    ...{ look: stateOf('fs-2'), well: 'up', struck: 'stopping', overAfterMs: 20_000, disturbs: false },
  },
  'instance-stopped': {
    fault: { kind: 'instance-stopped', nodeId: 'fs-2', forMs: 5_000 },
    look: (world) => [world.ec2.instanceOf('fs-2').state, stateOf('fs-2')(world)],
    ...{ well: ['running', 'up'], struck: ['stopped', 'off'] },
    ...{ feltAfterMs: EC2_STOPS_MS + 1_000, overAfterMs: 2.5 * MINUTE_MS, disturbs: true },
  },
  'address-moved': {
    fault: { kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-2' },
    ...{ look: addressOf, well: '10.0.0.11', struck: '10.0.1.11', overAfterMs: 3 * MINUTE_MS, disturbs: false },
  },
  deploy: {
    fault: { kind: 'deploy' },
    look: (world) => world.table.topology?.version,
    ...{ well: 'v1', struck: 'v2', feltAfterMs: 10_000, overAfterMs: null, disturbs: false },
  },
  switchover: {
    fault: { kind: 'switchover', vipId: 'vip-1' },
    prepare: rememberCall,
    look: (world) => [holder(world), placeOfCall(world)],
    ...{ well: ['fs-1', 'fs-1'], struck: ['fs-2', 'fs-2'], feltAfterMs: MINUTE_MS, overAfterMs: null, disturbs: false },
  },
  drain: {
    fault: { kind: 'drain', vipId: 'vip-1', forMs: 5_000 },
    prepare: rememberCall,
    look: (world) => [holder(world), placeOfCall(world)],
    ...{ well: ['fs-1', 'fs-1'], struck: ['fs-2', 'over'], feltAfterMs: MINUTE_MS, overAfterMs: null, disturbs: false },
  },
  paused: {
    fault: { kind: 'paused', subject: 'cluster', id: 'cluster', forMs: 5_000, withWindow: false },
    look: (world) => world.table.control?.paused,
    ...{ well: false, struck: true, feltAfterMs: 2_000, overAfterMs: 20_000, disturbs: false },
  },
  'table-restored': {
    fault: { kind: 'table-restored', olderByMs: 30_000 },
    prepare: moveSinceBackUp,
    look: (world) => world.table.control?.paused,
    ...{ well: false, struck: true, feltAfterMs: 10_000, overAfterMs: 15 * MINUTE_MS, disturbs: false },
  },
};

describe('a fault', () => {
  it.each((Object.values(STRIKES) as Strike[]).map((each) => [each.fault.kind, each] as const))(
    'is felt while it lasts, and over when it is over: %s',
    async (_kind, { fault, prepare, look, well: before, struck, feltAfterMs = 0, overAfterMs, disturbs }) => {
      const world = await worldAfter(SETTLED_MS, pair({ stopMs: [EC2_STOPS_MS, EC2_STOPS_MS] }));
      await prepare?.(world);
      expect(await look(world)).toEqual(before);
      let met = 0;

      strike(world, fault, () => (met += 1));

      const struckAtMs = world.kernel.nowMs;
      expect(world.isUndisturbed()).toBe(!disturbs);
      await live(world, feltAfterMs);
      expect([await look(world), met]).toEqual([struck, 1]);
      if (overAfterMs === null) return;
      await live(world, struckAtMs + overAfterMs - world.kernel.nowMs);
      expect([await look(world), met]).toEqual([before, 1]);
      expect(world.isUndisturbed()).toBe(true);
    },
  );

  it('of a clock is one of what runs: what comes after it has a right clock', async () => {
    const world = await worldAfter(SETTLED_MS, pair(), [at(SETTLED_MS - 1_000, STRIKES['clock-stepped'].fault)]);
    expect([ZONE_B, ZONE_C].map((zone) => clocksIn(zone)(world))).toEqual([[0], [-5_000]]);

    await replaced(world, ZONE_C);

    expect(clocksIn(ZONE_C)(world)).toEqual([0]);
  });
});

describe('a fault that meets nothing', () => {
  /** Nothing runs in it but fs-1, whose VIPs nobody knows yet, and it has no database. */
  function emptyWorld(): World {
    const world = new World(pair({ shape: { ...PAIR, database: false } }));
    world.loseHost('fs-2');
    world.ec2.instanceOf('fs-2').state = 'stopped';
    return world;
  }

  it.each<Fault>([
    { kind: 'crash', nodeId: 'fs-2' },
    { kind: 'freeze', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'sip-stuck', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'fall-into-standby', nodeId: 'fs-2' },
    { kind: 'busy', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'switch-paused', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'esl-closed', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'esl-hangs', nodeId: 'fs-2', forMs: 1_000 },
    { kind: 'stopped-gracefully', nodeId: 'fs-2' },
    { kind: 'database-away', forMs: 1_000 },
    { kind: 'database-slow', forMs: 1_000 },
    { kind: 'functions-killed', name: 'failover', times: 2 },
    { kind: 'functions-frozen', name: 'failover', forMs: 1_000 },
    { kind: 'observer-frozen', zone: ZONE_A, forMs: 1_000 },
    { kind: 'clock-stepped', zone: ZONE_A, byMs: 1_000 },
    { kind: 'instance-stopped', nodeId: 'fs-2', forMs: MINUTE_MS },
    { kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-2' },
    { kind: 'drain', vipId: 'vip-1', forMs: 1_000 },
    { kind: 'table-restored', olderByMs: 1_000 },
  ])('is not told as one that struck: $kind', async (fault) => {
    const world = emptyWorld();
    let met = 0;

    strike(world, fault, () => (met += 1));
    await live(world, 20_000);

    expect(met).toBe(0);
  });

  it('is an address that is moved to where it is', async () => {
    const world = await worldAfter(SETTLED_MS);
    let met = 0;

    strike(world, { kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-1' }, () => (met += 1));

    expect(met).toBe(0);
  });

  it('is a table that is restored to what it is', async () => {
    const world = await worldAfter(SETTLED_MS);
    let met = 0;
    world.backUp();

    strike(world, { kind: 'table-restored', olderByMs: 30_000 }, () => (met += 1));

    expect(met).toBe(0);
  });

  it('is a switchover that is refused', async () => {
    const world = await worldAfter(SETTLED_MS, pair(), [
      at(SETTLED_MS - 5_000, { kind: 'paused', subject: 'cluster', id: '', forMs: 5 * MINUTE_MS, withWindow: false }),
    ]);
    let met = 0;

    strike(world, { kind: 'switchover', vipId: 'vip-1' }, () => (met += 1));
    await live(world, 20_000);

    expect(met).toBe(0);
  });
});

describe('a killer of functions', () => {
  it('comes as often as it is to, each time to what came after the last, and is told once', async () => {
    const world = await worldAfter(SETTLED_MS);
    const { kernel, functions } = world;
    const killedAtMs = new Set<number>();
    const begin = (): void => {
      const kind = { name: 'failover', zone: null, timeoutMs: MINUTE_MS };
      const invocation = functions.invoke(kind, (process) => process.sleep(20_000));
      invocation?.process.onDeath(() => {
        if (kernel.nowMs - invocation.startedAtMs < 20_000) killedAtMs.add(kernel.nowMs);
      });
    };
    let met = 0;
    begin();
    const struckAtMs = kernel.nowMs;

    strike(world, { kind: 'functions-killed', name: 'failover', times: 3 }, () => (met += 1));
    for (let second = 0; second < 40; second += 1) {
      await live(world, 1_000);
      begin();
    }

    expect([killedAtMs.size, met]).toEqual([3, 1]);
    // Somewhere in the work, which had begun.
    expect(Math.min(...killedAtMs)).toBeGreaterThan(struckAtMs + 50);
  });

  it.each(['observer', 'node-control', 'failover'] as const)('comes to its kind alone: %s', async (name) => {
    const world = await worldAfter(SETTLED_MS);
    const names = ['observer-x', 'node-control-x', 'failover'];
    const invocations = names.map((each) =>
      world.functions.invoke({ name: each, zone: null, timeoutMs: MINUTE_MS }, (process) => process.sleep(30_000)),
    );

    strike(world, { kind: 'functions-killed', name, times: 1 });
    await live(world, 8_000);

    const dead = names.filter((_, index) => invocations[index]?.process.alive === false);
    expect(dead).toEqual(names.filter((each) => each.startsWith(name)));
  });
});

describe('a fault on one of several', () => {
  it.each<[string, Fault, (world: World) => unknown, unknown]>([
    [
      'the way there from one zone',
      { kind: 'one-way', zone: ZONE_A, nodeId: 'fs-2', lost: 'there', forMs: 2_000 },
      lostWays('fs-2', ZONE_B),
      [[`${ZONE_A} there`], `silent/silent ${standsBy} ${standsBy}`],
    ],
    [
      'the way back for everybody',
      { kind: 'one-way', zone: null, nodeId: 'fs-2', lost: 'back', forMs: 2_000 },
      lostWays('fs-2', ZONE_B),
      [ZONES.map((zone) => `${zone} back`), 'silent/silent silent/silent silent/silent'],
    ],
    [
      'a delay for everybody',
      { kind: 'delay', zone: null, nodeId: 'fs-2', byMs: 300, forMs: 2_000 },
      slowFrom('fs-2'),
      ZONES,
    ],
    [
      'profiles of a VIP that hang',
      { kind: 'sip-stuck', nodeId: 'fs-2', vipId: 'vip-1', forMs: 2_000 },
      seen('fs-2'),
      'ok/silent',
    ],
    [
      'profiles of another VIP that hang',
      { kind: 'sip-stuck', nodeId: 'fs-2', vipId: 'vip-9', forMs: 2_000 },
      seen('fs-2'),
      standsBy,
    ],
    [
      'a pause of a node',
      { kind: 'paused', subject: 'node', id: 'fs-2', forMs: 5_000, withWindow: false },
      async (world) => {
        await live(world, 2_000);
        return [...world.table.nodes.values()].filter(({ paused }) => paused).map(({ nodeId }) => nodeId);
      },
      ['fs-2'],
    ],
  ])('is felt there: %s', async (_words, fault, look, struck) => {
    const world = await worldAfter(SETTLED_MS);
    const before = await look(world);

    strike(world, fault);
    expect(await look(world)).toEqual(struck);
    await live(world, 8_000);

    expect(await look(world)).toEqual(before);
  });
});

describe('a fault that lasts and strikes again meanwhile', () => {
  const AGAIN: Fault[] = [
    { kind: 'freeze', nodeId: 'fs-2', forMs: 10_000 },
    { kind: 'busy', nodeId: 'fs-2', forMs: 10_000 },
    { kind: 'path-cut', zone: ZONE_A, nodeId: 'fs-2', forMs: 10_000 },
    { kind: 'database-slow', forMs: 10_000 },
  ];

  it.each(AGAIN)('is over with the later of the two: $kind', async (fault) => {
    const look = async (world: World) => [await seen('fs-2', ZONES)(world), await databaseOf(world)];
    const world = await worldAfter(SETTLED_MS);
    const before = await look(world);
    strike(world, fault);
    const struck = await look(world);
    expect(struck).not.toEqual(before);
    await live(world, SETTLED_MS + 5_000 - world.kernel.nowMs);

    strike(world, fault);

    await live(world, SETTLED_MS + 11_000 - world.kernel.nowMs);
    expect([await look(world), world.isUndisturbed()]).toEqual([struck, false]);
    await live(world, SETTLED_MS + 16_000 - world.kernel.nowMs);
    expect([await look(world), world.isUndisturbed()]).toEqual([before, true]);
  });
});

function at(atMs: number, fault: Fault): ScheduledFault {
  return { atMs, fault };
}
