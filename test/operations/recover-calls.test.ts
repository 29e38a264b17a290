import {
  DatabaseAway,
  DatabaseRefused,
  OutsideRefused,
  OutsideTimeout,
  RecoveryNotPrepared,
  RecoverySuperseded,
} from '../../lib/domain/errors';
import type {
  CallDatabase,
  CallSwitch,
  PreparedRecovery,
  RecoveryCount,
  RecoveryOrder,
  SwitchState,
} from '../../lib/domain/ports';
import { countAlive, recoverCalls, rewritingFor, type RecoveryDeps } from '../../lib/operations/recover-calls';
import { topologyOf } from '../support/cluster';

const ORDER: RecoveryOrder = {
  transitionId: 'main#2',
  deadCoreUuids: ['uuid-fs-a'],
  deadNodeIds: ['fs-a'],
  maxClockBehindMs: 1_000,
};

/** The rows of one dead incarnation and the node that recovers them; what goes wrong is up to each specification. */
class Rig {
  readonly calls: string[] = [];
  nowMs = 0;
  /** What each look at the node's state was given. */
  readonly stateWithinMs: number[] = [];
  state: SwitchState = {
    coreUuid: 'uuid-fs-b',
    paused: { inbound: false, outbound: false },
    sessions: 6,
    clockOffsetMs: 0,
  };
  /** Legs of each incarnation that have rows. */
  readonly rows = new Map([['uuid-fs-a', 40]]);
  begunMsAgo: number | null = null;
  /** By this attempt or one before it, when the database is asked how far it came. */
  isPrepared = true;
  withoutDatabase: string | null = null;
  /** Rows still waiting after the node answered. */
  leaves = 0;
  rewriteTo: (string | null)[] = [];
  /** Of each preparation. */
  readonly dead: string[][] = [];
  registrations: object[] = [];
  onSleep: () => void = () => undefined;
  onLook: () => void = () => undefined;
  failing: string | null = null;
  alsoFailing: string | null = null;
  /** How often that is well before it fails. */
  failsAfter = 0;
  failure: Error = new DatabaseAway('10.0.0.5:5432 does not answer');

  get waiting(): number {
    return this.rows.get('uuid-fs-a') ?? 0;
  }
  set waiting(legs: number) {
    this.rows.set('uuid-fs-a', legs);
  }

  private counted(): RecoveryCount {
    if (!this.isPrepared) throw new RecoveryNotPrepared('it was never prepared there');
    const planned = { calls: 20, legs: 40 };
    return { planned, tracked: { calls: 18, legs: 36 }, legsWaiting: this.waiting };
  }

  private said<T>(name: string, value: () => T): Promise<T> {
    this.calls.push(name);
    const times = this.calls.filter((call) => call === name).length;
    const fails = (this.failing === name && times > this.failsAfter) || this.alsoFailing === name;
    if (fails) return Promise.reject(this.failure);
    return Promise.resolve().then(value);
  }

  get deps(): RecoveryDeps {
    const switches: CallSwitch = {
      state: (_node, timeoutMs) => {
        this.stateWithinMs.push(timeoutMs);
        return this.said('state', () => this.state);
      },
      recoverProfiles: () =>
        this.said('recoverProfiles', () => {
          this.waiting = this.leaves;
          return { replies: ['+OK 40 session(s) recovered in total'] };
        }),
      withoutDatabase: () => this.said('withoutDatabase', () => this.withoutDatabase),
      unregisteredGateways: () => this.said('gateways', () => ['carrier-a']),
    };
    const database = {
      prepareRecovery: (plan: { rewriteTo: string | null; deadCoreUuids: string[] }) =>
        this.said('prepare', (): PreparedRecovery => {
          this.rewriteTo.push(plan.rewriteTo);
          this.dead.push(plan.deadCoreUuids);
          const { waiting: legsWaiting, begunMsAgo } = this;
          return { before: { calls: 20, legs: 40 }, connectionOriented: 1, movedAside: 2, begunMsAgo, legsWaiting };
        }),
      countCalls: (_profiles: string[], coreUuid: string) =>
        this.said('look', () => {
          const legs = this.rows.get(coreUuid) ?? 0;
          this.onLook();
          return { calls: legs / 2, legs, connectionOriented: 0 };
        }),
      countRecovered: () => this.said('count', () => this.counted()),
      takeOverRegistrations: (change: object) =>
        this.said('registrations', () => {
          this.registrations.push(change);
          return { moved: 3, deletedConnections: 1, deletedExpired: 0 };
        }),
    } as unknown as CallDatabase;
    const clock = {
      monotonicMs: () => this.nowMs,
      sleep: (ms: number) => {
        this.nowMs += ms;
        this.onSleep();
        return Promise.resolve();
      },
    };
    return { switches, database, clock };
  }

  recover(serviceAddress: string | null = '10.255.0.10', order = ORDER, timeoutMs = 25_000) {
    const topology = topologyOf(2);
    const [, node] = topology.nodes;
    const [vip] = topology.vips;
    if (node === undefined || vip === undefined) throw new Error('no node');
    return recoverCalls(this.deps, node, { ...vip, serviceAddress }, order, timeoutMs);
  }
}

describe('a recovery', () => {
  it('counts the rows, rebuilds once, proves by the rows that none waits, and takes the registrations over', async () => {
    const rig = new Rig();
    const result = await rig.recover();
    expect(result).toMatchObject({
      recovered: true,
      before: { calls: 20, legs: 40 },
      connectionOriented: 1,
      movedAside: 2,
      ownSessions: 6,
    });
    expect(rig.calls.filter((call) => call === 'recoverProfiles')).toHaveLength(1);
    expect(result).toMatchObject({ notes: [expect.stringContaining('3 taken over, 1 deleted')] });
  });

  it('has the rows rewritten first only where the VIP has no service address', async () => {
    const sameAddress = new Rig();
    await sameAddress.recover();
    expect(sameAddress.rewriteTo).toEqual([null]);
    const ownAddress = new Rig();
    await ownAddress.recover(null);
    expect(ownAddress.rewriteTo).toEqual([topologyOf(2).nodes[1]?.vipAddresses.main]);
  });

  it.each([
    ['an Elastic IP that goes along', { allocationId: 'eipalloc-main', publicIp: '198.51.100.10' }, null],
    ['none', null, '10.0.1.11'],
  ])('tells peers another address of a VIP with %s: %p %p', (_, elasticIp, advertiseTo) => {
    const { nodes, vips } = topologyOf(2);
    expect(rewritingFor(nodes[1]!, { ...vips[0]!, elasticIp })).toMatchObject({ advertiseTo });
  });

  it('does nothing where nothing waits', async () => {
    const rig = new Rig();
    rig.waiting = 0;
    expect(await rig.recover()).toMatchObject({ recovered: true });
    expect(rig.calls).not.toContain('recoverProfiles');
  });

  it.each([
    ['paused', { paused: { inbound: false, outbound: true } }, 'fsctl resume'],
    ['paused for incoming calls', { paused: { inbound: true, outbound: false } }, 'fsctl resume'],
    ['behind in time', { clockOffsetMs: -3_000 }, '3000 ms behind'],
  ])('is not begun on a node that is %s, because it would lose the calls', async (_, state, why) => {
    const rig = new Rig();
    rig.state = { ...rig.state, ...state };
    expect(await rig.recover()).toMatchObject({
      ...{ recovered: false, away: false, before: { calls: 20, legs: 40 } },
      reason: expect.stringContaining(why),
    });
    // Not a row is touched: they may be wanted as they are, by this node later or by another one.
    expect(rig.calls).toEqual(['state', 'look', 'count']);
  });

  it('on the process that had the calls finds nothing to rebuild, and counts those that live on it', async () => {
    const rig = new Rig();
    rig.state = { ...rig.state, coreUuid: 'uuid-fs-a', paused: { inbound: true, outbound: true } };
    expect(await rig.recover()).toMatchObject({
      ...{ recovered: true, before: { calls: 0, legs: 0 }, stayed: { calls: 20, legs: 40 } },
      proof: expect.stringContaining('3 taken over'),
    });
    expect(rig.calls).toEqual(['state', 'registrations', 'look']);
  });

  it('on another process than the one that was chosen is for whoever decides: not a row is touched', async () => {
    const rig = new Rig();
    expect(await rig.recover(undefined, { ...ORDER, ontoCoreUuid: 'uuid-before' })).toEqual({
      ...{ recovered: false, away: false, before: null, notChosen: true },
      reason: expect.stringMatching(/ runs uuid-fs-b, and uuid-before was to take the calls up/) as string,
    });
    expect(rig.calls).toEqual(['state']);
  });

  it('whose epoch is over is for whoever decides, and no other zone is asked', async () => {
    const rig = new Rig();
    rig.failing = 'prepare';
    rig.failure = new RecoverySuperseded('recovery main#2 comes too late: main#3 took its place');
    expect(await rig.recover()).toEqual({
      ...{ recovered: false, away: false, before: null, notChosen: true },
      reason: expect.stringContaining('main#3 took its place') as string,
    });
    expect(rig.calls).toEqual(['state', 'prepare']);
  });

  it('waits for the node’s word no longer than any order does: by then its epoch may be over', async () => {
    const rig = new Rig();
    await rig.recover();
    expect(rig.stateWithinMs[0]).toBe(3_000);
  });

  it('on the process that was chosen goes on', async () => {
    expect(await new Rig().recover(undefined, { ...ORDER, ontoCoreUuid: 'uuid-fs-b' })).toMatchObject({
      recovered: true,
    });
  });

  it('on such a process recovers what others had beside it, and leaves its rows alone', async () => {
    const rig = new Rig();
    rig.rows.set('uuid-fs-b', 10);
    const order = { ...ORDER, deadCoreUuids: ['uuid-fs-a', 'uuid-fs-b'] };
    expect(await rig.recover(undefined, order)).toMatchObject({ recovered: true, stayed: { calls: 5, legs: 10 } });
    expect(rig.dead).toEqual([['uuid-fs-a']]);
  });

  it('on such a process that is unfit counts only the others’ calls as waiting', async () => {
    const rig = new Rig();
    rig.rows.set('uuid-fs-b', 10);
    rig.state = { ...rig.state, paused: { inbound: true, outbound: true } };
    const order = { ...ORDER, deadCoreUuids: ['uuid-fs-a', 'uuid-fs-b'] };
    expect(await rig.recover(undefined, order)).toMatchObject({ recovered: false, before: { calls: 20, legs: 40 } });
  });

  it('on any other process says that nobody stayed', async () => {
    expect(await new Rig().recover()).toMatchObject({ stayed: null });
  });

  it.each([
    ['further behind than the old holder’s', { oldClockAheadMs: -2_000, clockOffsetMs: -3_001 }, '1001 ms behind what'],
    ['right, and the old holder’s was ahead', { oldClockAheadMs: 5_000, clockOffsetMs: 0 }, '5000 ms behind what'],
  ])('waits for a clock that is %s', async (_, { oldClockAheadMs, clockOffsetMs }, why) => {
    const rig = new Rig();
    rig.state = { ...rig.state, clockOffsetMs };
    const result = await rig.recover(undefined, { ...ORDER, oldClockAheadMs });
    expect(result).toMatchObject({ recovered: false, away: false, reason: expect.stringContaining(why) });
    expect(rig.calls).toEqual(['state', 'look', 'count']);
  });

  it.each([
    ['as far behind as the old holder’s was', { oldClockAheadMs: -5_000, clockOffsetMs: -5_000 }],
    ['behind no more, because time went on since', { oldClockAheadMs: -4_000, clockOffsetMs: -5_000 }],
    ['not told', { oldClockAheadMs: 5_000, clockOffsetMs: null }],
  ])('waits for no clock that is %s', async (_, { oldClockAheadMs, clockOffsetMs }) => {
    const rig = new Rig();
    rig.state = { ...rig.state, clockOffsetMs };
    expect(await rig.recover(undefined, { ...ORDER, oldClockAheadMs })).toMatchObject({ recovered: true });
  });

  it('takes the registrations over on a node that could not recover, where no call waits', async () => {
    const rig = new Rig();
    rig.state = { ...rig.state, paused: { inbound: true, outbound: true } };
    rig.waiting = 0;
    expect(await rig.recover()).toMatchObject({ recovered: true, notes: [expect.stringContaining('3 taken over')] });
    expect(rig.calls).not.toContain('recoverProfiles');
  });

  it('is not begun on such a node for rows that came while it was looked at either', async () => {
    const rig = new Rig();
    rig.state = { ...rig.state, clockOffsetMs: -3_000 };
    rig.waiting = 0;
    rig.onLook = () => {
      rig.waiting = 2;
    };
    expect(await rig.recover()).toMatchObject({ recovered: false, reason: expect.stringContaining('3000 ms behind') });
    expect(rig.calls).not.toContain('recoverProfiles');
  });

  it('is not believed when rows still wait: the node itself may not reach the database', async () => {
    const rig = new Rig();
    rig.leaves = 40;
    expect(await rig.recover()).toMatchObject({
      recovered: false,
      before: { calls: 20 },
      reason: expect.stringContaining('40 legs still wait'),
    });
  });

  it('waits for the job of a predecessor that died, and does not start a second one beside it', async () => {
    const rig = new Rig();
    rig.begunMsAgo = 300;
    rig.onSleep = () => {
      rig.waiting = Math.max(0, rig.waiting - 10);
    };
    expect(await rig.recover()).toMatchObject({ recovered: true });
    expect(rig.calls).not.toContain('recoverProfiles');
  });

  it('rebuilds what a predecessor never began, once its time is over', async () => {
    const rig = new Rig();
    rig.begunMsAgo = 300;
    expect(await rig.recover()).toMatchObject({ recovered: true });
    expect(rig.nowMs).toBeGreaterThanOrEqual(2_000);
    expect(rig.nowMs).toBeLessThan(3_000);
    expect(rig.calls.filter((call) => call === 'recoverProfiles')).toHaveLength(1);
  });

  it('waits for such a job no longer than its own time', async () => {
    const rig = new Rig();
    rig.begunMsAgo = 300;
    await rig.recover(undefined, ORDER, 1_000);
    expect(rig.nowMs).toBeLessThanOrEqual(1_000);
  });

  it('does not call it an absence of the database when the node itself does not answer', async () => {
    const rig = new Rig();
    rig.failing = 'state';
    rig.failure = new OutsideTimeout('no answer');
    expect(await rig.recover()).toMatchObject({ recovered: false, away: false });
  });

  it.each<[string, Partial<Rig>]>([
    ['at the first look', { failing: 'state' }],
    ['at the second, where nothing waited', { failing: 'state', failsAfter: 1, waiting: 0 }],
  ])('may be begun from another zone where the node was not reached from here, %s', async (_, befalls) => {
    const rig = Object.assign(new Rig(), befalls, { failure: new OutsideTimeout('no answer') });
    expect(await rig.recover()).toMatchObject({ recovered: false, away: false, unreached: true });
    expect(rig.calls).not.toContain('recoverProfiles');
  });

  it.each<[string, Partial<Rig>]>([
    ['the node may be at it', { failing: 'recoverProfiles', failure: new OutsideTimeout('no answer') }],
    ['the node may have done it', { failing: 'state', failsAfter: 1, failure: new OutsideTimeout('no answer') }],
    ['the count of what waits is late', { failing: 'count', failure: new OutsideTimeout('no answer') }],
    ['the node refuses', { failing: 'state', failure: new OutsideRefused('no core_uuid') }],
    ['the database is away before it', { failing: 'prepare' }],
    ['the database is away after it', { failing: 'count' }],
    ['the database refuses', { failing: 'prepare', failure: new DatabaseRefused('no such table') }],
  ])('is not to be begun from another zone where %s', async (_, befalls) => {
    const result = await Object.assign(new Rig(), befalls).recover();
    expect(result).toMatchObject({ recovered: false });
    expect(result).not.toHaveProperty('unreached');
  });

  const closed = new OutsideRefused('the event socket is closed');
  const PAUSED: SwitchState = { ...new Rig().state, paused: { inbound: true, outbound: true } };
  it.each<[string, Partial<Rig>]>([
    ['it was told and is not heard of', { failing: 'recoverProfiles', failure: closed }],
    ['it was told, and the database is away since', { failing: 'count' }],
    ['legs still wait after its answer: it may not have been able to write down what it rebuilt', { leaves: 8 }],
    ['an earlier attempt told it, and it cannot be asked now', { failing: 'state', failure: closed, begunMsAgo: 300 }],
  ])('says how many calls the node may have rebuilt, where %s', async (_, befalls) => {
    const result = await Object.assign(new Rig(), befalls).recover();
    expect(result).toMatchObject({ recovered: false, told: { calls: 20, legs: 40 } });
  });

  it.each<[string, Partial<Rig>, false | undefined]>([
    [
      'that it was not, where it was never told, and cannot be asked',
      { failing: 'state', failure: closed, isPrepared: false },
      false,
    ],
    ['that it was not, where it is unfit from the first', { state: PAUSED, isPrepared: false }, false],
    ['nothing, where the database, which would know, is away as well', { failing: 'prepare' }, undefined],
    ['nothing, where that refuses', { failing: 'prepare', failure: new DatabaseRefused('no such table') }, undefined],
  ])('says %s', async (_, befalls, told) => {
    const rig = Object.assign(new Rig(), befalls);
    if (rig.failing === 'prepare') rig.alsoFailing = 'count';
    const result = await rig.recover();
    expect(result).toMatchObject({ recovered: false });
    expect('told' in result ? result.told : undefined).toBe(told);
  });

  it('asks a database that is away for nothing more', async () => {
    const rig = Object.assign(new Rig(), { failing: 'prepare' });
    await rig.recover();
    expect(rig.calls).not.toContain('count');
  });

  it('says what an unfit node was told when it was fit', async () => {
    const result = await Object.assign(new Rig(), { state: PAUSED }).recover();
    expect(result).toMatchObject({ recovered: false, told: { calls: 20, legs: 40 } });
  });

  it('asks for nothing of the kind where no call is to be recovered', async () => {
    const rig = Object.assign(new Rig(), { failing: 'registrations', failure: closed });
    expect(await rig.recover(undefined, { ...ORDER, deadCoreUuids: [] })).toMatchObject({ recovered: false });
    expect(rig.calls).not.toContain('count');
  });

  it('asks the database for no earlier attempt where another zone may reach the node', async () => {
    const rig = Object.assign(new Rig(), {
      failing: 'state',
      failure: new OutsideTimeout('no answer'),
      begunMsAgo: 300,
    });
    expect(await rig.recover()).toMatchObject({ unreached: true, before: null });
    expect(rig.calls).toEqual(['state']);
  });

  it('is none without a database', async () => {
    const [, node] = topologyOf(2).nodes;
    const [vip] = topologyOf(2).vips;
    const result = await recoverCalls({ ...new Rig().deps, database: null }, node!, vip!, ORDER, 25_000);
    expect(result).toMatchObject({ recovered: false, away: false });
  });

  it('of two dead incarnations is not begun on such a node for the calls of either', async () => {
    const rig = new Rig();
    rig.state = { ...rig.state, clockOffsetMs: -3_000 };
    rig.waiting = 0;
    rig.rows.set('uuid-older', 10);
    const order = { ...ORDER, deadCoreUuids: ['uuid-fs-a', 'uuid-older'] };
    expect(await rig.recover(undefined, order)).toMatchObject({ recovered: false, before: { calls: 5, legs: 10 } });
    expect(rig.calls).not.toContain('prepare');
  });

  it.each(['prepare', 'count'])('says that the database is away when it is, at %s', async (call) => {
    const rig = new Rig();
    rig.failing = call;
    expect(await rig.recover()).toMatchObject({ recovered: false, away: true });
  });

  it('keeps the calls when only the registrations could not be taken over', async () => {
    const rig = new Rig();
    rig.failing = 'registrations';
    expect(await rig.recover()).toMatchObject({ recovered: true, notes: [expect.stringContaining('not taken over')] });
  });
});

describe('an order that names no incarnation', () => {
  const PHONES: RecoveryOrder = { ...ORDER, deadCoreUuids: [] };

  it('takes the registrations of the VIP’s own profiles over, and touches neither the node nor a row of a call', async () => {
    const rig = new Rig();
    const result = await rig.recover(null, PHONES);
    expect(rig.calls).toEqual(['registrations']);
    expect(rig.registrations).toEqual([{ profiles: ['external'], fromNodeIds: ['fs-a'], toNodeId: 'fs-b' }]);
    expect(result).toMatchObject({ recovered: true, before: { calls: 0, legs: 0 } });
    expect(result).toMatchObject({ proof: expect.stringContaining('3 taken over, 1 deleted') });
  });

  it('goes through its own registrations where the same node goes on', async () => {
    const rig = new Rig();
    await rig.recover(null, { ...PHONES, deadNodeIds: [] });
    expect(rig.registrations).toEqual([{ profiles: ['external'], fromNodeIds: ['fs-b'], toNodeId: 'fs-b' }]);
  });

  it('is to be tried again when the database is away: there is nothing else that it could have done', async () => {
    const rig = new Rig();
    rig.failing = 'registrations';
    const result = await rig.recover(null, PHONES);
    expect(result).toMatchObject({ recovered: false, away: true });
    expect(result).not.toHaveProperty('unreached');
  });
});

describe('the count of what lives', () => {
  const count = (rig: Rig, order = ORDER, without: Partial<RecoveryDeps> = {}) => {
    const [, node] = topologyOf(2).nodes;
    const [vip] = topologyOf(2).vips;
    if (node === undefined || vip === undefined) throw new Error('no node');
    return countAlive({ ...rig.deps, ...without }, node, vip, order, 3_000);
  };

  it('is of rows, with the sessions beside it, and names the gateways that are not back', async () => {
    expect(await count(new Rig())).toEqual({
      known: true,
      alive: { calls: 18, legs: 36 },
      planned: { calls: 20, legs: 40 },
      sessions: 6,
      unregisteredGateways: ['carrier-a'],
    });
  });

  it.each([
    ['without a database', { database: null }],
    ['with one', {}],
  ])('that names no incarnation is of gateways alone, %s', async (_, without) => {
    const rig = new Rig();
    expect(await count(rig, { ...ORDER, deadCoreUuids: [] }, without)).toMatchObject({
      ...{ known: true, alive: { calls: 0, legs: 0 }, unregisteredGateways: ['carrier-a'] },
    });
    expect(rig.calls).toEqual(['gateways']);
  });

  describe('of a node with more sessions than rows', () => {
    const busy = (withoutDatabase: string | null): Rig => {
      const rig = new Rig();
      Object.assign(rig, { state: { ...rig.state, sessions: 37 }, withoutDatabase });
      return rig;
    };

    it('is not known where that does not reach its database: they may live without a row', async () => {
      expect(await count(busy('its database does not answer it'))).toEqual({
        known: false,
        reason: 'fs-b may not have written the rows of calls that live: its database does not answer it',
      });
    });

    it('is of rows where it does', async () => {
      const rig = busy(null);
      expect(await count(rig)).toMatchObject({ known: true, alive: { calls: 18, legs: 36 }, sessions: 37 });
      expect(rig.calls).toContain('withoutDatabase');
    });
  });

  it.each([
    ['has a row for each', 36],
    ['does not tell its sessions', null],
  ])('asks no node for its database that %s', async (_words, sessions) => {
    const rig = new Rig();
    Object.assign(rig, { state: { ...rig.state, sessions }, withoutDatabase: 'its database does not answer it' });
    expect(await count(rig)).toMatchObject({ known: true });
    expect(rig.calls).not.toContain('withoutDatabase');
  });

  it('of calls is not known without a database', async () => {
    expect(await count(new Rig(), ORDER, { database: null })).toMatchObject({ known: false });
  });

  it('that names none is not known where the gateways could not be asked for', async () => {
    const rig = new Rig();
    rig.failing = 'gateways';
    expect(await count(rig, { ...ORDER, deadCoreUuids: [] })).toMatchObject({ known: false });
  });

  it('does not say that all gateways are back where they could not be asked for', async () => {
    const rig = new Rig();
    rig.failing = 'gateways';
    expect(await count(rig)).toMatchObject({ known: true, unregisteredGateways: null });
  });

  it.each<[string, Partial<Rig>, object]>([
    ['the node is silent', { failing: 'state', failure: new OutsideTimeout('no answer') }, { unreached: true }],
    ['the database is away', { failing: 'count' }, { unreached: true }],
    ['the node refuses', { failing: 'state', failure: new OutsideRefused('no core_uuid') }, {}],
    ['the database refuses', { failing: 'count', failure: new DatabaseRefused('no such table') }, {}],
  ])('that is not known where %s says whether it may be in another zone', async (_, befalls, told) => {
    const rig = Object.assign(new Rig(), befalls);
    expect(await count(rig)).toEqual({ known: false, reason: expect.any(String), ...told });
  });
});
