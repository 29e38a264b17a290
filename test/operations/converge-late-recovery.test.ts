/**
 * The calls come late: the database was away, the VIP is promoted already, so that `fsctl recover` puts it into standby
 * for its time. Whoever dies in between, callers are served again and every leg is rebuilt once.
 */
import type { CallDatabase, CallSwitch, PreparedRecovery } from '../../lib/domain/ports';
import { OutsideTimeout } from '../../lib/domain/errors';
import { recoverCalls } from '../../lib/operations/recover-calls';
import { convergeTransition } from '../../lib/operations/converge/converge';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { KillableProcess } from '../support/killable-process';

const LEGS = 8;

/** fs-b and the rows of the dead fs-a, behind the real use-case of node-control. */
class Node {
  readonly waiting = new Set(Array.from({ length: LEGS }, (_, leg) => `leg-${leg}`));
  readonly rebuilt: string[] = [];
  begunAtMs: number | null = null;
  /** What becomes of `fsctl recover` inside the standby: it rebuilds some legs, and then this. */
  meanwhile: { rebuilds: number; then: () => Promise<unknown> } | null = null;

  constructor(private readonly stage: Stage) {}

  private get serving(): boolean {
    return this.stage.world.switches.get('fs-b')?.serving === true;
  }
  private set serving(serving: boolean) {
    this.stage.world.switches.set('fs-b', { coreUuid: 'uuid-fs-b', serving });
  }

  private rebuild(legs: number): void {
    for (const leg of [...this.waiting].slice(0, legs)) {
      this.waiting.delete(leg);
      this.rebuilt.push(leg);
    }
  }

  private readonly switches: CallSwitch = {
    state: () =>
      Promise.resolve({
        ...{ coreUuid: 'uuid-fs-b', paused: { inbound: false, outbound: false }, sessions: null, clockOffsetMs: 0 },
      }),
    recoverProfiles: async () => {
      const wasServing = this.serving;
      this.serving = false;
      const { meanwhile } = this;
      this.meanwhile = null;
      this.rebuild(meanwhile?.rebuilds ?? LEGS);
      await meanwhile?.then();
      this.serving = wasServing;
      return { replies: ['+OK'] };
    },
    withoutDatabase: () => Promise.resolve(null),
    unregisteredGateways: () => Promise.resolve([]),
  };

  private readonly database = {
    prepareRecovery: (): Promise<PreparedRecovery> => {
      const nowMs = this.stage.clock.monotonicMs();
      const begunMsAgo = this.begunAtMs === null ? null : nowMs - this.begunAtMs;
      this.begunAtMs = nowMs;
      const before = { calls: LEGS / 2, legs: LEGS };
      return Promise.resolve({
        ...{ before, connectionOriented: 0, movedAside: 0, begunMsAgo, legsWaiting: this.waiting.size },
      });
    },
    countRecovered: () => Promise.resolve({ tracked: { calls: LEGS / 2, legs: LEGS }, legsWaiting: this.waiting.size }),
    takeOverRegistrations: () => Promise.resolve({ moved: 0, deletedConnections: 0, deletedExpired: 0 }),
  } as unknown as CallDatabase;

  recover: Stage['deps']['nodeControl']['recover'] = (node, vip, order, timeoutMs) =>
    this.stage.world.databaseAway
      ? this.stage.world.nodeControl.recover(node, vip, order, timeoutMs)
      : recoverCalls(
          { switches: this.switches, database: this.database, clock: this.stage.clock },
          ...([node, vip, order, timeoutMs] as const),
        );
}

/** Promoted and verified, with the database away; it comes back with the next try. */
async function promotedWithoutCalls(process: KillableProcess) {
  const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
  const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
  Object.assign(stage.world, { databaseAway: true, callsBefore: LEGS / 2 });
  const node = new Node(stage);
  stage.deps.nodeControl = { ...stage.world.nodeControl, recover: node.recover };
  let over = false;
  void convergeTransition(process.wrap(stage.deps), stage.topology, 'main', 2).finally(() => (over = true));
  await stage.clock.until(() => stage.journal().steps.verify.status === 'done', 20_000, 50);
  expect(stage.journal()).toMatchObject({ status: 'open', steps: { promote: { status: 'done' } } });
  return { ...stage, node, isOver: () => over, serves: () => stage.world.switches.get('fs-b')?.serving === true };
}

const ALL = Array.from({ length: LEGS }, (_, leg) => `leg-${leg}`);

describe('a late recovery', () => {
  it.each([0, 3, LEGS])('killed in its standby after %i legs is ended by the next convergence', async (rebuilds) => {
    const process = new KillableProcess();
    const stage = await promotedWithoutCalls(process);
    stage.node.meanwhile = { rebuilds, then: () => process.kill() };
    stage.world.databaseAway = false;
    await stage.clock.until(() => process.dead, 20_000, 50);
    expect(stage.serves()).toBe(false);

    await stage.converge(2);

    expect(stage.serves()).toBe(true);
    expect(stage.world.promotions).toEqual(['fs-b/main', 'fs-b/main']);
    expect([...stage.node.rebuilt].sort()).toEqual(ALL);
    expect(stage.journal()).toMatchObject({ status: 'done', calls: { before: LEGS / 2, aliveAfter5s: LEGS / 2 } });
  });

  it('killed between two rescans is ended too: a look sees the first profile serve, and not the others', async () => {
    const process = new KillableProcess();
    const stage = await promotedWithoutCalls(process);
    const then = (): Promise<never> => {
      stage.world.switches.set('fs-b', { coreUuid: 'uuid-fs-b', serving: true });
      return process.kill();
    };
    stage.node.meanwhile = { rebuilds: LEGS, then };
    stage.world.databaseAway = false;
    await stage.clock.until(() => process.dead, 20_000, 50);
    await stage.converge(2);
    expect(stage.world.promotions).toEqual(['fs-b/main', 'fs-b/main']);
  });

  it('whose node-control dies alone is ended by the same convergence', async () => {
    const stage = await promotedWithoutCalls(new KillableProcess());
    stage.node.meanwhile = { rebuilds: 3, then: () => new Promise(() => undefined) };
    const { recover } = stage.node;
    // The function that gave the order is gone, and its time runs out.
    stage.deps.nodeControl.recover = (...order) =>
      Promise.race([
        recover(...order),
        stage.clock.sleep(20_000).then(() => {
          throw new OutsideTimeout('no node-control function could recover fs-b');
        }),
      ]);
    stage.world.databaseAway = false;
    await stage.clock.until(() => stage.isOver(), 120_000, 50);
    expect(stage.serves()).toBe(true);
    expect([...stage.node.rebuilt].sort()).toEqual(ALL);
    expect(stage.journal().status).toBe('done');
  });

  it('that was killed, and finds the database away again, does not leave callers outside until it is back', async () => {
    const process = new KillableProcess();
    const stage = await promotedWithoutCalls(process);
    stage.node.meanwhile = { rebuilds: 3, then: () => process.kill() };
    stage.world.databaseAway = false;
    await stage.clock.until(() => process.dead, 20_000, 50);
    stage.world.databaseAway = true;

    const promotions = stage.world.promotions.length;
    const next = stage.converge(2);
    await stage.clock.until(() => stage.serves(), 20_000, 50);
    await stage.clock.advance(20_000);

    expect(stage.journal().steps.recover.status).toBe('pending');
    // A look is enough while it serves: a rescan with each try would be noise on the node.
    expect(stage.world.promotions.length - promotions).toBe(1);
    await next;
  });

  it('that was killed and then given up serves all the same', async () => {
    const process = new KillableProcess();
    const stage = await promotedWithoutCalls(process);
    stage.node.meanwhile = { rebuilds: 3, then: () => process.kill() };
    stage.world.databaseAway = false;
    await stage.clock.until(() => process.dead, 20_000, 50);
    stage.world.databaseAway = true;
    await stage.clock.advance(120_000);

    await stage.converge(2);

    expect(stage.journal().steps.recover.proof).toContain('given up');
    expect(stage.serves()).toBe(true);
  });

  it('is not done as long as the standby is not ended', async () => {
    const process = new KillableProcess();
    const stage = await promotedWithoutCalls(process);
    stage.node.meanwhile = { rebuilds: LEGS, then: () => process.kill() };
    stage.world.databaseAway = false;
    await stage.clock.until(() => process.dead, 20_000, 50);
    const { promote } = stage.deps.nodeControl;
    stage.deps.nodeControl.promote = () => Promise.resolve({ promoted: false, reason: 'ESL is full' });
    const next = stage.converge(2);
    await stage.clock.until(() => stage.journal().steps.recover.error === 'ESL is full', 30_000, 50);
    stage.deps.nodeControl.promote = promote;
    await next;
    expect(stage.serves()).toBe(true);
    expect([...stage.node.rebuilt].sort()).toEqual(ALL);
  });
});
