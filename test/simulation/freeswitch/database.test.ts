/** The shared database of a simulation: deadlines, roles, and what the orders of a recovery find. */
import { DatabaseAway, DatabaseRefused, RecoveryNotPrepared, RecoverySuperseded } from '../../../lib/domain/errors';
import { SimCallDatabase } from '../../../lib/simulation/freeswitch/call-database';
import { Dice } from '../../../lib/simulation/kernel/random';
import { Rig } from './rig';

const ORDER = {
  ...{ transitionId: 'main#2', vipId: 'main', profiles: ['external'], deadCoreUuids: ['dead'], deadNodeIds: ['fs-a'] },
  ...{ nodeId: 'fs-b', ownCoreUuid: 'own', rewriteTo: null, advertiseTo: null },
};

function rigged(reach = () => true) {
  const rig = new Rig();
  const client = new SimCallDatabase({
    ...{ database: rig.database, process: rig.process(), dice: new Dice(1, 'client'), reach },
  });
  const insert = (coreUuid: string, call: string, profile = 'external'): void => {
    const addresses = { local_media_ip: '10.255.0.10', advertised_media_ip: '198.51.100.10' };
    for (const leg of ['a', 'b']) {
      rig.database.table.insert({ coreUuid, uuid: `${call}${leg}`, callId: call, vipId: 'main', profile, addresses });
    }
  };
  return {
    rig,
    client,
    insert,
    prepare: (order = {}) => rig.end(client.prepareRecovery({ ...ORDER, ...order }, 4_000)),
  };
}

describe('the database', () => {
  it('answers its observers in milliseconds; slow in more than half a second; away never', async () => {
    const { rig, client } = rigged();
    expect(await rig.end(client.probe(1_000))).toMatchObject({ verdict: 'ok' });
    rig.database.become('slow');
    expect(await rig.end(client.probe(5_000))).toMatchObject({ verdict: 'slow' });
    rig.database.become('away');
    const begunMs = rig.kernel.nowMs;
    expect(await rig.end(client.probe(1_000))).toMatchObject({ verdict: 'away', latencyMs: null });
    expect(rig.kernel.nowMs - begunMs).toBe(1_000);
  });

  it('is away for whoever no packet gets from', async () => {
    const { rig, client } = rigged(() => false);
    expect(await rig.end(client.probe(1_000))).toMatchObject({ verdict: 'away' });
    await expect(rig.end(client.lockRole('node_fs_a', 1_000))).rejects.toThrow(DatabaseAway);
    expect(rig.database.isLocked('node_fs_a')).toBe(false);
  });

  it('has done what it could not answer in time', async () => {
    const { rig, client } = rigged();
    rig.database.become('slow');
    await expect(rig.end(client.lockRole('node_fs_a', 100))).rejects.toThrow(DatabaseAway);
    await rig.pass(3_000);
    expect(rig.database.isLocked('node_fs_a')).toBe(true);
  });

  it('locks the roles of nodes and no other', async () => {
    const { rig, client } = rigged();
    await expect(rig.end(client.lockRole('postgres', 1_000))).rejects.toThrow(DatabaseRefused);
    rig.a.startProcess();
    expect((await rig.end(client.lockRole('node_fs_a', 1_000))).sessionsEnded).toBeGreaterThan(0);
    expect(await rig.end(client.lockRole('node_fs_a', 1_000))).toEqual({ sessionsEnded: 0 });
  });

  it('hands the registrations of a profile to the new holder, once', async () => {
    const { rig, client } = rigged();
    rig.database.register('external', 'fs-a', 40);
    rig.database.register('other', 'fs-a', 7);
    const change = { profiles: ['external'], fromNodeIds: ['fs-a'], toNodeId: 'fs-b' };
    expect(await rig.end(client.takeOverRegistrations(change, 1_000))).toMatchObject({ moved: 40 });
    expect(await rig.end(client.takeOverRegistrations(change, 1_000))).toMatchObject({ moved: 0 });
    const sameNode = { ...change, fromNodeIds: ['fs-b'] };
    expect(await rig.end(client.takeOverRegistrations(sameNode, 1_000))).toMatchObject({ moved: 0 });
    expect([rig.database.registered('external', 'fs-b'), rig.database.registered('other', 'fs-a')]).toEqual([40, 7]);
  });
});

describe('the preparation of a recovery', () => {
  it('plans the legs of the dead, moves foreign rows aside, and leaves its own and other profiles alone', async () => {
    const { rig, insert, prepare } = rigged();
    insert('dead', 'lost-1');
    insert('dead', 'lost-2');
    insert('own', 'mine');
    insert('stranger', 'foreign');
    insert('stranger', 'elsewhere', 'other');
    expect(await prepare()).toEqual({
      ...{ before: { calls: 2, legs: 4 }, connectionOriented: 0, movedAside: 1, begunMsAgo: null, legsWaiting: 4 },
    });
    expect([rig.rows('dead'), rig.rows('own'), rig.rows('stranger')]).toEqual([4, 2, 2]);
  });

  it('keeps its plan at the next attempt, says how long ago it was begun, and drops what lives on the new holder', async () => {
    const { rig, insert, prepare } = rigged();
    insert('dead', 'lost-1');
    insert('dead', 'lost-2');
    await prepare();
    insert('own', 'lost-1');
    await rig.pass(700);
    const again = await prepare();
    expect(again).toMatchObject({ before: { calls: 2 }, legsWaiting: 2 });
    expect(again.begunMsAgo).toBeGreaterThanOrEqual(700);
    expect(rig.rows('dead')).toBe(2);
  });

  it('counts an incarnation dead on which an earlier attempt ran; of two rows of a leg the later one stays', async () => {
    const { rig, insert, prepare } = rigged();
    insert('dead', 'lost');
    await prepare();
    insert('own', 'lost');
    expect(await prepare({ ownCoreUuid: 'next' })).toMatchObject({ movedAside: 0, legsWaiting: 2 });
    expect([rig.rows('dead'), rig.rows('own')]).toEqual([0, 2]);
  });

  it('of another node under the same id is no second attempt: the process on the first one may live', async () => {
    const { rig, insert, prepare } = rigged();
    insert('dead', 'lost');
    await prepare();
    rig.database.table.deleteLeg('losta');
    rig.database.table.deleteLeg('lostb');
    insert('own', 'lost');

    const prepared = await prepare({ nodeId: 'fs-c', ownCoreUuid: 'elsewhere' });

    expect(prepared).toMatchObject({ begunMsAgo: null, movedAside: 1, legsWaiting: 0 });
  });

  describe('of an order that comes late', () => {
    const YOUNGER = { nodeId: 'fs-c', ownCoreUuid: 'next', deadCoreUuids: ['dead', 'own'] };
    const nowMs = (rig: Rig): number => rig.process().wallMs();

    it('touches no row once an order of a higher epoch was begun', async () => {
      const { rig, insert, prepare } = rigged();
      insert('dead', 'lost');
      const decidedAtMs = nowMs(rig);
      await prepare({ ...YOUNGER, transitionId: 'main#10' });
      insert('next', 'new');

      await expect(prepare({ transitionId: 'main#9', decidedAtMs })).rejects.toThrow(RecoverySuperseded);

      expect([rig.rows('dead'), rig.rows('next')]).toEqual([2, 2]);
    });

    it('is none of another VIP, of its own epoch or a later one, or of a version that did not say when', async () => {
      const { rig, prepare } = rigged();
      const decidedAtMs = nowMs(rig);
      await prepare({ ...YOUNGER, transitionId: 'main#3' });
      await prepare({ vipId: 'other', transitionId: 'other#2', decidedAtMs });
      await prepare({ transitionId: 'main#3', decidedAtMs });
      await prepare({ transitionId: 'main#4', decidedAtMs });
      await expect(prepare({ transitionId: 'main#2' })).resolves.toMatchObject({ legsWaiting: 0 });
    });

    it('is none that was decided after that: its table was restored, and begins again below', async () => {
      const { rig, prepare } = rigged();
      await prepare({ ...YOUNGER, transitionId: 'main#7' });
      await rig.pass(1_000);
      await expect(prepare({ transitionId: 'main#4', decidedAtMs: nowMs(rig) })).resolves.toMatchObject({
        legsWaiting: 0,
      });
    });
  });

  it('is told beforehand without a change', async () => {
    const { rig, client, insert } = rigged();
    insert('dead', 'lost');
    insert('stranger', 'foreign');
    const preview = await rig.end(client.previewRecovery({ ...ORDER, rewriteTo: '10.0.1.11' }, 1_000));
    expect(preview).toMatchObject({
      recovered: [{ coreUuid: 'dead', rows: 2, calls: 1 }],
      own: { coreUuid: 'own', rows: 0 },
      foreign: [{ coreUuid: 'stranger', calls: 1 }],
      ...{ rewritten: 2, differences: [{ variable: 'local_media_ip', to: '10.0.1.11', rows: 2 }] },
    });
    expect([rig.rows('dead'), rig.rows('stranger')]).toEqual([2, 2]);
  });
});

describe('the count of a recovery', () => {
  it('is of calls with all their planned legs, and refuses an order that was never prepared', async () => {
    const { rig, client, insert, prepare } = rigged();
    const count = () => rig.end(client.countRecovered('main#2', 'own', 1_000));
    await expect(count()).rejects.toThrow(RecoveryNotPrepared);
    insert('dead', 'lost-1');
    insert('dead', 'lost-2');
    await prepare();
    insert('own', 'lost-1');
    const [half] = rig.database.table.of('dead').filter((row) => row.callId === 'lost-2');
    if (half !== undefined) rig.database.table.insert({ ...half, coreUuid: 'own' });
    expect(await count()).toEqual({
      planned: { calls: 2, legs: 4 },
      tracked: { calls: 1, legs: 3 },
      legsWaiting: 4,
    });
  });
});
