/** An old holder that was only frozen comes back after its calls were recovered elsewhere (FACTS 7.5 and 8.5). */
import { MAIN, Rig } from './rig';

const CALLS = 10;
const LEGS = 2 * CALLS;

async function recoveredWhileFrozen(lock: boolean): Promise<Rig> {
  const rig = await new Rig().inService(CALLS);
  rig.a.freeze();
  if (lock) rig.database.lockRole('node_fs_a');
  expect(await rig.end(rig.recover(['fs-a:1']))).toMatchObject({ recovered: true });
  await rig.pass(1_000);
  expect(rig.rows('fs-b:1')).toBe(LEGS);
  return rig;
}

describe('an old holder that thaws', () => {
  it('and is told to stop deletes the rows of the new holder by uuid when its role is not locked', async () => {
    const rig = await recoveredWhileFrozen(false);
    rig.a.gracefulStop();
    rig.a.thaw();
    await rig.pass(1_000);
    expect([rig.rows('fs-b:1'), rig.b.callsOf(MAIN)]).toEqual([0, CALLS]);
  });

  it('and is told to stop leaves them when its role is locked, and does not end', async () => {
    const rig = await recoveredWhileFrozen(true);
    rig.a.thaw();
    rig.a.gracefulStop();
    await rig.pass(300_000);
    expect([rig.rows('fs-b:1'), rig.a.state, rig.a.answersEsl()]).toEqual([LEGS, 'stopping', 'refused']);
  });

  it('deletes them within moments when its role is unlocked while it still hangs', async () => {
    const rig = await recoveredWhileFrozen(true);
    rig.a.thaw();
    rig.a.gracefulStop();
    await rig.pass(60_000);
    rig.database.unlockRole('node_fs_a');
    await rig.pass(2_000);
    expect(rig.rows('fs-b:1')).toBe(0);
  });

  it('hangs up by itself what it hears nothing of, with the same harm', async () => {
    const rig = await recoveredWhileFrozen(false);
    rig.a.thaw();
    await rig.pass(29_000);
    expect([rig.a.sessions, rig.rows('fs-b:1')]).toEqual([LEGS, LEGS]);
    await rig.pass(2_000);
    expect([rig.a.sessions, rig.rows('fs-b:1')]).toEqual([0, 0]);
  });

  it('does no harm once it was killed', async () => {
    const rig = await recoveredWhileFrozen(true);
    rig.a.crash();
    rig.database.unlockRole('node_fs_a');
    await rig.pass(60_000);
    expect(rig.rows('fs-b:1')).toBe(LEGS);
  });

  it('stands in the record as alive, and as locked or not, for whoever checks the fence', async () => {
    const [open, locked] = [await recoveredWhileFrozen(false), await recoveredWhileFrozen(true)];
    const owners = (rig: Rig) => rig.database.recoveries.map((each) => [each.ownerWasAlive, each.ownerWasLocked]);
    expect(new Set(owners(open).map(String))).toEqual(new Set(['true,false']));
    expect(new Set(owners(locked).map(String))).toEqual(new Set(['true,true']));
  });
});
