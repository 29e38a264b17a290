/** The shipped recovery over a simulated node and database: each leg once, whatever ends in the middle. */
import { MAIN, Rig } from './rig';

const CALLS = 20;
const LEGS = 2 * CALLS;

async function deadHolder(seed = 1, topology = {}): Promise<Rig> {
  const rig = await new Rig(seed, topology).inService(CALLS);
  rig.a.crash();
  return rig;
}

/** Legs that one process was told to rebuild more than once. */
function rebuiltTwice({ database }: Rig): string[] {
  const done = database.recoveries.map(({ transitionId, leg, ownCoreUuid }) => `${transitionId} ${leg} ${ownCoreUuid}`);
  return done.filter((each, index) => done.indexOf(each) !== index);
}

describe('a recovery', () => {
  it('rebuilds all calls of a dead holder in under a second, under the order that was prepared', async () => {
    const rig = await deadHolder();
    const begunMs = rig.kernel.nowMs;
    const result = await rig.end(rig.recover(['fs-a:1']));
    expect(result).toMatchObject({ recovered: true, before: { calls: CALLS, legs: LEGS }, movedAside: 0 });
    expect(rig.kernel.nowMs - begunMs).toBeLessThan(1_000);
    await rig.pass(500);
    expect([rig.b.callsOf(MAIN), rig.rows('fs-b:1'), rig.rows('fs-a:1')]).toEqual([CALLS, LEGS, 0]);
    expect(rig.database.recoveries).toHaveLength(LEGS);
    expect(rig.database.recoveries[0]).toMatchObject({
      ...{ transitionId: 'main#2', coreUuidOfRows: 'fs-a:1', ownCoreUuid: 'fs-b:1' },
      ...{ ownerWasAlive: false, ownerWasLocked: false, livedAlready: false },
    });
  });

  it('rebuilds no leg twice when it is run twice, one after the other or side by side', async () => {
    const rig = await deadHolder();
    await rig.end(rig.recover(['fs-a:1']));
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: true });
    const other = await deadHolder();
    await other.end(Promise.all([other.recover(['fs-a:1']), other.recover(['fs-a:1'])]));
    await other.pass(10_000);
    for (const each of [rig, other]) {
      expect(rebuiltTwice(each)).toEqual([]);
      expect(each.b.callsOf(MAIN)).toBe(CALLS);
    }
  });

  it('is taken up again wherever node-control was killed, and then has each call once', async () => {
    for (let killedAfterMs = 0; killedAfterMs < 420; killedAfterMs += 14) {
      const rig = await deadHolder(killedAfterMs);
      const process = rig.process();
      void rig.recover(['fs-a:1'], 'main#2', process);
      await rig.pass(killedAfterMs);
      process.kill();
      const again = await rig.end(rig.recover(['fs-a:1']));
      await rig.pass(1_000);
      expect({ killedAfterMs, again, calls: rig.b.callsOf(MAIN), rows: rig.rows('fs-b:1') }).toMatchObject({
        ...{ killedAfterMs, again: { recovered: true, before: { calls: CALLS } } },
        ...{ calls: CALLS, rows: LEGS },
      });
      expect(rebuiltTwice(rig)).toEqual([]);
    }
  }, 30_000);

  it('loses only what had no row for a moment when the new holder crashes in the middle', async () => {
    const rig = await deadHolder();
    void rig.recover(['fs-a:1']);
    await rig.pass(250);
    rig.b.crash();
    await rig.pass(5_000);
    const waiting = rig.rows('fs-a:1') + rig.rows('fs-b:1');
    await rig.end(rig.recover(['fs-a:1']));
    await rig.pass(1_000);
    expect(rig.b.coreUuid).toBe('fs-b:2');
    expect(rig.rows('fs-b:2')).toBe(waiting);
    expect(rebuiltTwice(rig)).toEqual([]);
  });

  it('is done, and not heard of, when the way back breaks while the job runs', async () => {
    const rig = await deadHolder();
    const process = rig.process();
    const order = rig.recover(['fs-a:1'], 'main#2', process);
    while (rig.database.recoveries.length === 0) await rig.pass(1);
    rig.mute.add('fs-b');
    expect(await rig.end(order)).toMatchObject({ recovered: false });
    expect(rig.b.callsOf(MAIN)).toBe(CALLS);
  });

  it('says that the database is away, touches nothing, and is done once it is back', async () => {
    const rig = await deadHolder();
    rig.database.become('away');
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: false, away: true });
    expect([rig.database.recoveries.length, rig.rows('fs-a:1')]).toEqual([0, LEGS]);
    rig.database.become('ok');
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: true });
    expect(rig.b.callsOf(MAIN)).toBe(CALLS);
  });

  it('is not believed when the node itself cannot reach the database: the rows still wait', async () => {
    const rig = await deadHolder();
    rig.database.lockRole('node_fs_b');
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({
      recovered: false,
      reason: expect.stringContaining(`${LEGS} legs still wait`),
    });
    expect(rig.rows('fs-a:1')).toBe(LEGS);
  });

  it('moves rows of an incarnation that nobody fenced aside', async () => {
    const rig = await deadHolder();
    const [row] = rig.database.table.of('fs-a:1');
    if (row === undefined) throw new Error('no row');
    rig.database.table.insert({ ...row, coreUuid: 'fs-z:9', uuid: 'foreign', callId: 'foreign' });
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: true, movedAside: 1 });
    expect(rig.database.recoveries.map((each) => each.leg)).not.toContain('foreign');
    expect(rig.rows('fs-z:9')).toBe(0);
  });

  it('has audio only where the rows say an address of the new holder: without a service address they are rewritten', async () => {
    const [vip] = new Rig().topology.vips;
    if (vip === undefined) throw new Error('no VIP');
    const rewritten = await deadHolder(1, { vips: [{ ...vip, serviceAddress: null }] });
    await rewritten.end(rewritten.recover(['fs-a:1']));
    expect(rewritten.b.callsOf(MAIN)).toBe(CALLS);
    const asTheyAre = await deadHolder(1, { vips: [{ ...vip, serviceAddress: null }] });
    asTheyAre.b.process?.recover({ ...vip, serviceAddress: null });
    await asTheyAre.pass(1_000);
    expect([asTheyAre.b.callsOf(MAIN), asTheyAre.rows('fs-a:1')]).toEqual([0, 0]);
  });

  it('needs no public address in the rows where an Elastic IP moves along, and has it rewritten where none does', async () => {
    const [vip] = new Rig().topology.vips;
    if (vip === undefined) throw new Error('no VIP');
    const untold = await new Rig(1, {}, { vips: [{ ...vip, elasticIp: null }] }).inService(CALLS);
    untold.a.crash();
    const without = await deadHolder(1, { vips: [{ ...vip, elasticIp: null }] });
    for (const rig of [untold, without]) {
      await rig.end(rig.recover(['fs-a:1']));
      expect(rig.b.callsOf(MAIN)).toBe(CALLS);
    }
    await without.pass(1_000);
    expect(without.database.table.of('fs-b:1')[0]).toMatchObject({
      addresses: { advertised_media_ip: without.node('fs-b').vipAddresses.main },
    });
  });

  it('is the same to the millisecond for the same seed', async () => {
    const [one, other] = [await deadHolder(7), await deadHolder(7)];
    for (const rig of [one, other]) await rig.end(rig.recover(['fs-a:1']));
    expect(one.database.recoveries).toEqual(other.database.recoveries);
    expect(one.kernel.nowMs).toBe(other.kernel.nowMs);
  });

  it.each([
    ['paused', (rig: Rig) => rig.b.setPaused(true)],
    ['behind in time', (rig: Rig) => rig.b.setClockOffset(-300_000)],
  ])('on a node that is %s is refused by the shipped code, and would lose every call', async (_, befall) => {
    const rig = await deadHolder();
    befall(rig);
    expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: false });
    expect(rig.rows('fs-a:1')).toBe(LEGS);
    rig.b.process?.recover(rig.vip);
    await rig.pass(1_000);
    expect([rig.b.callsOf(MAIN), rig.rows('fs-a:1')]).toEqual([0, 0]);
  });

  it.each([
    ['at once, and loses every call that was numbered until then', 0, 0],
    ['when its clock has come to where that of the old holder was, and loses none', 5_000, CALLS],
  ])('on a node that is five seconds behind in time goes on %s', async (_, afterMs, kept) => {
    const rig = await deadHolder();
    rig.b.setClockOffset(-5_000);
    await rig.pass(afterMs);

    rig.b.process?.recover(rig.vip);
    await rig.pass(1_000);

    expect(rig.b.callsOf(MAIN)).toBe(kept);
  });

  it('of a leg that lives there already is refused by FreeSWITCH, and stands in the record as such', async () => {
    const rig = await deadHolder();
    const rows = rig.database.table.of('fs-a:1');
    await rig.end(rig.recover(['fs-a:1']));
    await rig.pass(1_000);
    for (const row of rows) {
      rig.database.table.deleteLeg(row.uuid);
      rig.database.table.insert(row);
    }
    rig.b.process?.recover(rig.vip);
    await rig.pass(1_000);
    expect([rig.b.callsOf(MAIN), rig.rows('fs-a:1'), rig.rows('fs-b:1')]).toEqual([CALLS, 0, 0]);
    expect(rig.database.recoveries.map((each) => each.livedAlready)).toEqual([
      ...rows.map(() => false),
      ...rows.map(() => true),
    ]);
  });

  it('puts a VIP that serves already into standby meanwhile, and promotes it again', async () => {
    const rig = await deadHolder();
    await rig.end(rig.control().promote(rig.node('fs-b'), rig.vip, 3_000));
    const answers = new Set<string>();
    const recovery = rig.recover(['fs-a:1']);
    for (let look = 0; look < 40; look += 1) {
      await rig.pass(10);
      answers.add(rig.b.answersSip(MAIN));
    }
    expect(await rig.end(recovery)).toMatchObject({ recovered: true });
    expect(answers).toEqual(new Set(['ok', 'standby']));
    expect([rig.b.serves(MAIN), rig.b.callsOf(MAIN)]).toEqual([true, CALLS]);
  });

  it('counts what lives by the rows', async () => {
    const rig = await deadHolder();
    await rig.end(rig.recover(['fs-a:1']));
    await rig.pass(500);
    const order = { transitionId: 'main#2', deadCoreUuids: ['fs-a:1'], deadNodeIds: ['fs-a'], maxClockBehindMs: 1_000 };
    const count = () => rig.end(rig.control().countAlive(rig.node('fs-b'), rig.vip, order, 3_000));
    expect(await count()).toMatchObject({ known: true, alive: { calls: CALLS, legs: LEGS }, sessions: LEGS });
    const [leg] = rig.database.table.of('fs-b:1');
    rig.database.table.deleteLeg(leg?.uuid ?? '');
    expect(await count()).toMatchObject({ alive: { calls: CALLS - 1, legs: LEGS - 1 } });
  });
});
