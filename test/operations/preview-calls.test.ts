/** Node-control's side of the dry run: what the database is asked, and that nothing but looks are made. */
import { DatabaseAway, DatabaseRefused, OutsideRefused, OutsideTimeout } from '../../lib/domain/errors';
import type { VipTopology } from '../../lib/domain/model';
import type { CallDatabase, CallSwitch, RecoveryOrder, RowsPreview, SwitchState } from '../../lib/domain/ports';
import { NodeOrders, type EslOrders } from '../../lib/operations/node-orders';
import { topologyOf } from '../support/cluster';

const ORDER: RecoveryOrder = {
  transitionId: 'main#2',
  deadCoreUuids: ['uuid-fs-a'],
  deadNodeIds: ['fs-a'],
  maxClockBehindMs: 1_000,
};
const NONE = { rows: 0, calls: 0, connectionOriented: 0 };
const ROWS: RowsPreview = {
  recovered: [{ coreUuid: 'uuid-fs-a', rows: 4, calls: 2, connectionOriented: 0 }],
  own: { coreUuid: 'uuid-fs-b', ...NONE },
  foreign: [],
  ...{ rewritten: 0, differences: [], examples: [] },
};

/** A node and a database that can only be looked at: anything else that is asked of them is not a function. */
class Rig {
  readonly asked: unknown[] = [];
  state: SwitchState = {
    coreUuid: 'uuid-fs-b',
    paused: { inbound: false, outbound: false },
    sessions: 0,
    clockOffsetMs: 0,
  };
  nodeFails: Error | null = null;
  databaseFails: Error | null = null;

  preview(vip: Partial<VipTopology> = {}, hasDatabase = true) {
    const topology = topologyOf(2);
    const [, node] = topology.nodes;
    const [main] = topology.vips;
    if (node === undefined || main === undefined) throw new Error('no node');
    const switches = {
      state: () => (this.nodeFails === null ? Promise.resolve(this.state) : Promise.reject(this.nodeFails)),
    } as unknown as CallSwitch;
    const database = {
      previewRecovery: (order: unknown) => {
        this.asked.push(order);
        return this.databaseFails === null ? Promise.resolve(ROWS) : Promise.reject(this.databaseFails);
      },
    } as unknown as CallDatabase;
    const clock = { monotonicMs: () => 0, sleep: () => Promise.resolve() };
    const esl = {} as unknown as EslOrders;
    const orders = new NodeOrders(esl, { switches, database: hasDatabase ? database : null, clock });
    return orders.previewRecovery(node, { ...main, ...vip }, ORDER, 5_000);
  }
}

const addressOfB = topologyOf(2).nodes[1]?.vipAddresses.main;

describe('a preview on a node', () => {
  it('is of the rows of the order and of the incarnation that runs there now', async () => {
    const rig = new Rig();
    const result = await rig.preview({ serviceAddress: '10.255.0.10' });
    expect(result).toEqual({ known: true, way: 'A', ownCoreUuid: 'uuid-fs-b', obstacle: null, ...ROWS });
    expect(rig.asked).toMatchObject([{ deadCoreUuids: ['uuid-fs-a'], ownCoreUuid: 'uuid-fs-b' }]);
  });

  it.each([
    ['A', { serviceAddress: '10.255.0.10' }, null, null],
    ['A', { serviceAddress: '10.255.0.10', elasticIp: null }, null, addressOfB],
    ['B', { serviceAddress: null }, addressOfB, null],
    ['B', { serviceAddress: null, elasticIp: null }, addressOfB, addressOfB],
  ])('of way %s, %j, has the addresses that the recovery would have', async (way, vip, rewriteTo, advertiseTo) => {
    const rig = new Rig();
    expect(await rig.preview(vip)).toMatchObject({ way });
    expect(rig.asked).toMatchObject([{ rewriteTo, advertiseTo }]);
  });

  it.each([
    ['paused', { paused: { inbound: false, outbound: true } }, 'fsctl resume'],
    ['behind in time', { clockOffsetMs: -3_000 }, '3000 ms behind'],
    ['the old holder itself', { coreUuid: 'uuid-fs-a' }, 'never left it'],
  ])('that is %s shows the rows all the same, and why it would refuse', async (_, state, why) => {
    const rig = new Rig();
    rig.state = { ...rig.state, ...state };
    expect(await rig.preview()).toMatchObject({ known: true, obstacle: expect.stringContaining(why) });
  });

  it('says what it could not look at', async () => {
    const silent = new Rig();
    silent.nodeFails = new OutsideTimeout('10.0.1.10:8021 said nothing');
    const away = new Rig();
    away.databaseFails = new DatabaseAway('10.0.0.5:5432 does not answer');
    expect(await silent.preview()).toMatchObject({ known: false, reason: expect.stringContaining('8021') });
    expect(await away.preview()).toMatchObject({ known: false, reason: expect.stringContaining('5432') });
    expect(await new Rig().preview({}, false)).toMatchObject({
      known: false,
      reason: expect.stringContaining('no data'),
    });
  });

  it.each([
    ['the node is silent', { nodeFails: new OutsideTimeout('no answer') }, { unreached: true }],
    ['the database is away', { databaseFails: new DatabaseAway('no answer') }, { unreached: true }],
    ['the node refuses', { nodeFails: new OutsideRefused('no core_uuid') }, {}],
    ['the database refuses', { databaseFails: new DatabaseRefused('no such table') }, {}],
  ])('where %s says whether another zone could', async (_, fails, told) => {
    const rig = Object.assign(new Rig(), fails);
    expect(await rig.preview()).toEqual({ known: false, reason: expect.any(String), ...told });
  });
});
