/** What is read of a cluster, and the conditions under which its items are written, as they are sent. */
import type { Item } from '../../../lib/aws/store/attributes';
import { ClusterItems } from '../../../lib/aws/store/cluster';
import {
  encodeControl,
  encodeInstance,
  encodeLease,
  encodeNode,
  encodeObservation,
  encodeTopology,
  encodeVip,
} from '../../../lib/aws/store/encode';
import { NotRegistered } from '../../../lib/domain/errors';
import type { PauseSubject } from '../../../lib/domain/ports';
import { newControl, newNode, newVip } from '../../../lib/domain/store-rules';
import { conditionFailed, recordingTable } from '../../support/recording-table';
import { anObservation, aTopology } from '../../support/store-fixtures';

const TOPOLOGY = encodeTopology(aTopology());
const CONTROL = encodeControl(newControl(false, null));
const lease = (zone: string): Item =>
  encodeLease({
    zone,
    owner: 'me',
    startedAtMs: 1,
    renewedAtMs: 2,
    untilMs: 3,
    codeVersion: 'c',
    topologyVersion: 't',
  });

function given(...[items, behaviour]: Parameters<typeof recordingTable>) {
  const { table, log, sent, said } = recordingTable(items, behaviour);
  return { cluster: new ClusterItems(table, log), sent, said };
}

describe('a cluster is read', () => {
  it.each([
    ['topology', [CONTROL]],
    ['control item', [TOPOLOGY]],
  ])('never without its %s', async (_name, items) => {
    await expect(given(items).cluster.read()).rejects.toBeInstanceOf(NotRegistered);
  });

  it('as its topology names it', async () => {
    const { cluster } = given([
      TOPOLOGY,
      CONTROL,
      ...['fs-a', 'fs-gone'].flatMap((id) => [
        encodeNode(newNode(id)),
        encodeObservation(anObservation(id, 'z1', 7)),
        encodeInstance({ nodeId: id, state: 'running', atMs: 7 }),
      ]),
      ...['main', 'gone'].map((id) => encodeVip(newVip(id, 3, 0))),
    ]);

    const { nodes, vips, observations, instances } = await cluster.read();

    expect([nodes, observations, instances].map((seen) => seen.map(({ nodeId }) => nodeId))).toEqual([
      ['fs-a'],
      ['fs-a'],
      ['fs-a'],
    ]);
    expect(vips.map(({ vipId }) => vipId)).toEqual(['main']);
  });

  it('without the evidence that is damaged, which hides no other', async () => {
    const { cluster, said } = given([
      TOPOLOGY,
      CONTROL,
      { ...encodeObservation(anObservation('fs-a', 'z1', 7)), observedAtMs: { S: 'now' } },
      encodeObservation(anObservation('fs-a', 'z2', 7)),
      { ...encodeInstance({ nodeId: 'fs-a', state: 'running', atMs: 7 }), atMs: { S: 'now' } },
      encodeInstance({ nodeId: 'fs-b', state: 'running', atMs: 7 }),
      { ...lease('z1'), untilMs: { S: 'now' } },
      lease('z2'),
    ]);

    const { observations, instances, leases } = await cluster.read();

    expect(observations.map(({ zone }) => zone)).toEqual(['z2']);
    expect(instances.map(({ nodeId }) => nodeId)).toEqual(['fs-b']);
    expect(leases.map(({ zone }) => zone)).toEqual(['z2']);
    expect(said).toHaveLength(3);
  });
});

it('a topology that is not registered is not read', async () => {
  await expect(given().cluster.readTopology()).rejects.toBeInstanceOf(NotRegistered);
});

it('a registration writes only what is not there yet, and starts at the epochs of the world', async () => {
  const { cluster, sent } = given();

  await cluster.ensure(aTopology(), { paused: true, reason: 'new table', epochs: { main: 6 }, atMs: 9 });

  expect(sent.writes.map(({ key, condition }) => [key, condition])).toEqual(
    ['control', 'node#fs-a', 'node#fs-b', 'node#fs-c', 'vip#main', 'vip#second'].map((sk) => [
      `live / ${sk}`,
      'attribute_not_exists(#pk)',
    ]),
  );
  expect(sent.items[0]).toMatchObject({ paused: { BOOL: true }, pausedReason: { S: 'new table' } });
  expect(sent.items.slice(4).map((item) => item['epoch'])).toEqual([{ N: '6' }, { N: '0' }]);
});

describe('a pause', () => {
  const SUBJECTS: [PauseSubject, string][] = [
    [{ kind: 'cluster' }, 'control'],
    [{ kind: 'vip', id: 'main' }, 'vip#main'],
    [{ kind: 'node', id: 'fs-a' }, 'node#fs-a'],
  ];

  it.each(SUBJECTS)('of %o is written where it is', async (subject, sk) => {
    const { cluster, sent } = given();
    await cluster.setPaused(subject, true, 'new disk', 60);
    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: `live / ${sk}`,
        condition: 'attribute_exists(#pk)',
        update: 'SET #paused = :paused, #pausedReason = :pausedReason, #pausedUntilMs = :pausedUntilMs',
        values: { paused: true, pausedReason: 'new disk', pausedUntilMs: 60 },
      },
    ]);
  });

  it.each(SUBJECTS)('of %o that is not there is refused', async (subject) => {
    const { cluster } = given([], { answers: [conditionFailed()] });
    await expect(cluster.setPaused(subject, true, null, null)).rejects.toBeInstanceOf(NotRegistered);
  });

  it('that ends leaves neither reason nor end', async () => {
    const { cluster, sent } = given();
    await cluster.setPaused({ kind: 'cluster' }, false, null, null);
    expect(sent.writes[0]?.update).toBe('SET #paused = :paused REMOVE #pausedReason, #pausedUntilMs');
  });
});

describe('a node', () => {
  it.each([
    ['main#4', 'SET #lockedBy = :lockedBy', { lockedBy: 'main#4' }],
    [null, 'REMOVE #lockedBy', {}],
  ])('is locked out by %p where it is', async (lockedBy, update, values) => {
    const { cluster, sent } = given();
    await cluster.setLockedOut('fs-a', lockedBy);
    const condition = 'attribute_exists(#pk)';
    expect(sent.writes).toEqual([{ kind: 'update', key: 'live / node#fs-a', condition, update, values }]);
  });

  it('that is not there is refused', async () => {
    const { cluster } = given([], { answers: [conditionFailed()] });
    await expect(cluster.setLockedOut('nope', 'main#4')).rejects.toBeInstanceOf(NotRegistered);
  });
});

describe('a VIP', () => {
  it('is acknowledged where it is', async () => {
    const { cluster, sent } = given();
    await cluster.acknowledge('main', 9);
    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: 'live / vip#main',
        condition: 'attribute_exists(#pk)',
        update: 'SET #acknowledgedAtMs = :now',
        values: { now: 9 },
      },
    ]);
  });

  it('that is not there is refused', async () => {
    const { cluster } = given([], { answers: [conditionFailed()] });
    await expect(cluster.acknowledge('nope', 9)).rejects.toBeInstanceOf(NotRegistered);
  });

  it('learns the incarnation of its holder once, at the epoch it was seen at', async () => {
    const { cluster, sent } = given();
    await cluster.learnHolderCoreUuid('main', 3, 'uuid-b');
    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: 'live / vip#main',
        condition: '#epoch = :epoch AND attribute_exists(#holderNode) AND attribute_not_exists(#holderCoreUuid)',
        update: 'SET #holderCoreUuid = :coreUuid',
        values: { epoch: 3, coreUuid: 'uuid-b' },
      },
    ]);
  });
});
