/**
 * What a switch does of a recovery, and says of itself before it, as one suite that runs against the shipped `CallSwitch`,
 * over real ESL, and against the simulator's copy of it. Rows are asked for by name, never the reply: see FACTS 7.2.
 */
import type { SwitchState } from '../../lib/domain/ports';
import { specifyRecoveryDifferences } from './call-switch-differences';
import { CALLS, MAIN, type OrdersStage, SECOND, type StagedNode } from './node-orders-stage';

const LONG_MS = 5_000;
const SHORT_MS = 150;
/** By then the rows of a recovered call are written. */
const WRITTEN_MS = 1_000;
/** FACTS 7.5: so far behind is the clock of a node that loses all calls. */
const FAR_BEHIND_MS = 300_000;
const LEGS = 2 * CALLS;

/** @param open gives a stage as `OrdersStage` says, a new one for each test */
export function specifyCallSwitch(open: () => Promise<OrdersStage>): void {
  let stage: OrdersStage;
  let a: StagedNode;
  let b: StagedNode;

  beforeEach(async () => {
    stage = await open();
    ({ a, b } = stage);
  });
  afterEach(() => stage.close());

  const state = (node: StagedNode, timeoutMs = LONG_MS): Promise<SwitchState> =>
    stage.recovering((calls) => calls.state(node.topology, timeoutMs));
  const recover = async (node: StagedNode, { vipId = MAIN, timeoutMs = LONG_MS } = {}): Promise<string[]> => {
    const order = stage.recovering((calls) => calls.recoverProfiles(node.topology, stage.vip(vipId), timeoutMs));
    return (await order).replies;
  };
  const said = (legs: number, vipId = MAIN): string => `external-${vipId}: +OK ${legs} session(s) recovered in total`;
  const PROMOTED_AGAIN = 'main was in service, put into standby for the recovery, promoted again';

  /** `a` is dead: who wrote the rows, and ways to see where they are. */
  const givenDead = async (): Promise<string> => {
    const { coreUuid } = a;
    await a.kill();
    return coreUuid;
  };
  const whoHasRows = async (old: string): Promise<{ old: number; new: number }> => {
    await stage.pass(WRITTEN_MS);
    return { old: b.rowsOf(old), new: b.rowsOf(b.coreUuid) };
  };

  const UNREACHABLE: [string, (node: StagedNode) => void | Promise<void>][] = [
    ['is dead', (node) => node.kill()],
    ['is frozen', (node) => node.freeze()],
    ['has an event socket that hangs', (node) => node.hangEsl()],
    ['has no event socket', (node) => node.closeEsl()],
    ['rejects the password', (node) => node.rejectPassword()],
  ];

  describe('the state of a switch', () => {
    // Not its clock: the stand-in does not know `strmicroepoch`, the command that tells it (test/freeswitch/call-switch).
    it('tells incarnation, pauses and sessions', async () => {
      expect(await state(a)).toMatchObject({
        ...{ coreUuid: a.coreUuid, sessions: LEGS },
        paused: { inbound: false, outbound: false },
      });
    });

    it('tells a pause in both directions', async () => {
      await b.pause();
      expect(await state(b)).toMatchObject({ paused: { inbound: true, outbound: true }, sessions: 0 });
    });

    it.each([
      ['inbound', { inbound: true, outbound: false }],
      ['outbound', { inbound: false, outbound: true }],
    ] as const)('tells a pause of %s calls alone', async (direction, paused) => {
      await b.pause(direction);
      expect(await state(b)).toMatchObject({ paused });
    });

    it.each(UNREACHABLE)('of a node that %s is not guessed at', async (_, befall) => {
      await befall(a);
      await expect(state(a, SHORT_MS)).rejects.toThrow();
    });
  });

  describe('the way of a switch to its database', () => {
    const ask = (node: StagedNode, timeoutMs = LONG_MS): Promise<string | null> =>
      stage.recovering((calls) => calls.withoutDatabase(node.topology, timeoutMs));

    it('is there', async () => {
      expect(await ask(a)).toBeNull();
    });

    it('is not where the node is locked out of it', async () => {
      await a.lockRole();
      expect(await ask(a)).toMatch(/does not answer/);
    });

    it.each(UNREACHABLE)('of a node that %s is not guessed at', async (_, befall) => {
      await befall(a);
      await expect(ask(a, SHORT_MS)).rejects.toThrow();
    });
  });

  describe('a recovery', () => {
    it('in standby rebuilds the calls of the dead, leaves the standby, and the rows are the new process’s', async () => {
      const old = await givenDead();
      expect(await recover(b)).toEqual([said(LEGS)]);
      expect([b.sessions, await b.sip(MAIN), b.isPromoted(MAIN)]).toEqual([LEGS, 'standby', false]);
      expect(await whoHasRows(old)).toEqual({ old: 0, new: LEGS });
    });

    it('leaves the other VIPs of the node in service', async () => {
      await givenDead();
      await recover(b);
      expect(await b.sip(SECOND)).toBe('ok');
    });

    it.each<[string, () => Promise<unknown>]>([
      ['in service', async () => undefined],
      ['promoted, and fell into standby', async () => b.fallIntoStandby()],
    ])('of a VIP that is %s puts it into standby first, and promotes it again', async (_, befall) => {
      const old = await givenDead();
      await stage.give((orders) => orders.promote(b.topology, stage.vip(MAIN), LONG_MS));
      await befall();
      expect(await recover(b)).toEqual([said(LEGS), PROMOTED_AGAIN]);
      expect([b.sessions, await b.sip(MAIN), b.isPromoted(MAIN)]).toEqual([LEGS, 'ok', true]);
      expect(await whoHasRows(old)).toEqual({ old: 0, new: LEGS });
    });

    it('of another VIP touches no row of this one', async () => {
      const old = await givenDead();
      expect(await recover(b, { vipId: SECOND })).toContain(said(0, SECOND));
      expect(await whoHasRows(old)).toEqual({ old: LEGS, new: 0 });
    });

    it('finds none the second time, and leaves its own', async () => {
      const old = await givenDead();
      await recover(b);
      await stage.pass(WRITTEN_MS);
      expect(await recover(b)).toEqual([said(0)]);
      expect(b.sessions).toBe(LEGS);
      expect(await whoHasRows(old)).toEqual({ old: 0, new: LEGS });
    });

    it('on the same node, restarted, rebuilds its own calls', async () => {
      const old = a.coreUuid;
      await a.restart();
      expect(await recover(a)).toEqual([said(LEGS)]);
      await stage.pass(WRITTEN_MS);
      expect([a.sessions, a.rowsOf(old), a.rowsOf(a.coreUuid)]).toEqual([LEGS, 0, LEGS]);
    });

    it('asks nobody whether the owner of the rows lives (FACTS 7.5)', async () => {
      expect(await recover(b)).toEqual([said(LEGS)]);
      expect([a.sessions, b.sessions]).toEqual([LEGS, LEGS]);
      expect(await whoHasRows(a.coreUuid)).toEqual({ old: 0, new: LEGS });
    });

    it('on a full node rebuilds all the same (FACTS 7.5)', async () => {
      await b.fill();
      const own = b.sessions;
      await givenDead();
      expect(await recover(b)).toEqual([said(LEGS)]);
      expect(b.sessions).toBe(own + LEGS);
    });

    it.each([undefined, 'inbound', 'outbound'] as const)(
      'on a node that is paused by now (%s) is refused: it would delete every row (FACTS 7.5)',
      async (direction) => {
        const old = await givenDead();
        await b.pause(direction);
        await expect(recover(b)).rejects.toThrow('it is paused');
        expect(await whoHasRows(old)).toEqual({ old: LEGS, new: 0 });
      },
    );

    it('on a node that is paused by now leaves in service what was in service', async () => {
      await givenDead();
      await stage.give((orders) => orders.promote(b.topology, stage.vip(MAIN), LONG_MS));
      await b.pause('outbound');
      await expect(recover(b)).rejects.toThrow('it is paused');
      expect([await b.sip(MAIN), b.isPromoted(MAIN)]).toEqual(['ok', true]);
    });

    it('on a node that is locked out of the database says the same, and leaves every row (FACTS 7.2)', async () => {
      const old = await givenDead();
      await b.lockRole();
      expect(await recover(b)).toEqual([said(0)]);
      expect(await whoHasRows(old)).toEqual({ old: LEGS, new: 0 });
    });

    it('on a node whose clock is far behind says so of every leg, and loses the calls (FACTS 7.5)', async () => {
      const old = await givenDead();
      await b.putClockBack(FAR_BEHIND_MS);
      expect(await recover(b)).toEqual([said(LEGS)]);
      expect(b.sessions).toBe(0);
      expect(await whoHasRows(old)).toEqual({ old: 0, new: 0 });
    });

    it('by a node that dies in the middle is told, and leaves every row', async () => {
      const old = await givenDead();
      await b.dieInRecovery();
      await expect(recover(b)).rejects.toThrow('closed');
      expect(await whoHasRows(old)).toEqual({ old: LEGS, new: 0 });
    });

    it.each(UNREACHABLE)('on a node that %s is told, and leaves every row', async (_, befall) => {
      const old = await givenDead();
      await befall(b);
      await expect(recover(b, { timeoutMs: SHORT_MS })).rejects.toThrow();
      expect(await whoHasRows(old)).toEqual({ old: LEGS, new: 0 });
    });
  });

  specifyRecoveryDifferences(() => stage);
}
