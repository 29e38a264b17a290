import { OutsideTimeout } from '../../lib/domain/errors';
import type { CallsLedger } from '../../lib/domain/model';
import type { NodeControl, RecoverResult } from '../../lib/domain/ports';
import { TOLD_WHEN_OVER_AFTER_MS } from '../../lib/domain/store-rules';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { topologyOf, vipState } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

const withDatabase = (): Promise<Stage> => decided('suspected-death', {}, topologyOf(3, { database }));

/** The old holder carries another VIP too: which of the two its sessions were of, nobody knows. */
async function besideAnotherVip(): Promise<Stage> {
  const { vips, ...base } = topologyOf(3, { database });
  const policy = { ...base.policy, maxVipsPerNode: 2 };
  const second = vips.map((vip) => ({ ...vip, id: 'second', elasticIp: null, privateDns: null }));
  const stage = await decided('suspected-death', {}, { ...base, policy, vips: [...vips, ...second] });
  stage.store.vips.set('second', vipState({ vipId: 'second' }));
  return stage;
}

/** A change of holder that was decided, and that nobody works on yet. */
function addOpenJournal({ store, journal }: Stage): void {
  const id = 'second#7';
  store.vips.set('second', vipState({ vipId: 'second', epoch: 7, status: 'moving' }));
  store.transitions.set(id, {
    ...structuredClone(journal()),
    id,
    vipId: 'second',
    epoch: 7,
    status: 'open',
    lease: null,
  });
}

async function addIncident({ store, clock }: Stage): Promise<void> {
  const about = { kind: 'quorum-lost', vipId: null, nodeId: null, epoch: null } as const;
  await store.raiseIncident({ ...about, reasons: ['two of three are gone'], atMs: clock.wallMs(), notifiedAtMs: null });
}

const order = ({ world }: Stage, call: string): number => world.calls.indexOf(call);

describe('a failover with a database', () => {
  it('moves the address and fences the rows first, recovers once while in standby, then lets new calls in', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    await stage.converge();
    expect(order(stage, 'node.lockRole')).toBeGreaterThanOrEqual(0);
    expect(order(stage, 'eip.attach')).toBeLessThan(order(stage, 'node.recover'));
    expect(order(stage, 'node.lockRole')).toBeLessThan(order(stage, 'node.recover'));
    expect(order(stage, 'node.recover')).toBeLessThan(order(stage, 'node.promote'));
    expect(stage.world.recoveries).toEqual([
      {
        nodeId: 'fs-b',
        vipId: 'main',
        order: {
          transitionId: 'main#2',
          decidedAtMs: stage.journal().decidedAtMs,
          deadCoreUuids: ['uuid-fs-a'],
          deadNodeIds: ['fs-a'],
          ontoCoreUuid: 'uuid-fs-b',
          maxClockBehindMs: 1_000,
          oldClockAheadMs: expect.any(Number) as number,
        },
      },
    ]);
  });

  it('tells the page what came back, and closes the ledger when no leg can be waiting for its peer any more', async () => {
    const stage = await withDatabase();
    Object.assign(stage.world, { callsBefore: 20, callsAlive: 18, unregisteredGateways: ['external::carrier'] });
    await stage.converge();
    const [page, ...more] = stage.world.pages;
    expect(more).toEqual([]);
    expect(page?.body).toContain('18 of 20 rebuilt, not yet confirmed by their peers; 2 lost: not rebuilt');
    expect(page?.body).toContain('gateway external::carrier is not registered again yet');
    expect(stage.journal().calls).toMatchObject({
      ...{ before: 20, aliveAfter5s: 18, aliveAfter30s: 18, confirmed: 18 },
      lost: [{ reason: 'not-rebuilt', count: 2 }],
    });
    expect(stage.journal().steps.ledger).toMatchObject({ status: 'done', proof: '18 of 20 calls live' });
    expect(stage.world.counts).toEqual(
      expect.arrayContaining([
        { name: 'CallSurvivalPercent', value: 90 },
        { name: 'CallsLost', value: 2 },
        { name: 'UnregisteredGateways', value: 1 },
      ]),
    );
  });

  it('calls no call kept whose peer never answered: its row goes half a minute after the recovery', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    const converging = stage.converge();
    await stage.clock.until(() => stage.journal().calls?.aliveAfter30s === 20, 40_000, 500);
    expect(stage.journal().steps.ledger.status).toBe('pending');
    expect(stage.world.metrics).not.toContain('CallSurvivalPercent');
    stage.world.callsAlive = 0;
    await converging;
    expect(stage.journal().calls).toMatchObject({
      ...{ resurrected: 20, aliveAfter5s: 20, aliveAfter30s: 20, confirmed: 0 },
      lost: [{ reason: 'not-rebuilt', count: 20 }],
    });
    expect(stage.world.counts).toEqual(
      expect.arrayContaining([
        { name: 'CallSurvivalPercent', value: 0 },
        { name: 'CallsLost', value: 20 },
      ]),
    );
  });

  it('never counts sessions of others as calls that came back', async () => {
    const stage = await withDatabase();
    Object.assign(stage.world, { callsBefore: 20, callsAlive: 0, sessions: { before: 0, now: 40 } });
    await stage.converge();
    expect(stage.world.pages[0]?.body).toContain('0 of 20 rebuilt (up to 20 more, by sessions');
    expect(stage.journal().calls).toMatchObject({ resurrected: 0, confirmed: 0, beingWritten: 0 });
  });

  it.each<[string, (stage: Stage) => void | Promise<void>]>([
    ['another change of holder', addOpenJournal],
    ['an incident', addIncident],
  ])('does not let %s wait for its last looks: a later run takes them', async (_what, add) => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    let over = false;
    void stage.converge().then(() => (over = true));
    await stage.clock.until(() => stage.journal().calls?.aliveAfter5s === 20, 40_000, 100);
    await stage.clock.advance(3_000);
    expect(over).toBe(false);
    await add(stage);
    await stage.clock.advance(2_000);
    expect(over).toBe(true);
    expect(stage.journal().steps.ledger).toMatchObject({
      status: 'pending',
      error: 'the calls are counted once more when all peers had time to answer',
    });

    stage.store.transitions.delete('second#7');
    stage.store.incidents.clear();
    await stage.clock.advance(60_000);
    await stage.converge(2);
    expect(stage.journal().steps.ledger.status).toBe('done');
    expect(stage.journal().calls).toMatchObject({ aliveAfter30s: 20, confirmed: 20, lost: [] });
  });

  it('goes on resting where all that is untold is over: the schedule tells it', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    await addIncident(stage);
    await stage.store.clearIncident('quorum-lost', 'cluster', stage.clock.wallMs() + TOLD_WHEN_OVER_AFTER_MS);

    await stage.converge();

    expect(await stage.store.listUnnotifiedIncidents()).toHaveLength(1);
    expect(stage.journal().calls).toMatchObject({ confirmed: 20 });
  });

  it('brings the old node back while it rests for the last look: the count takes no standby away', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    const converging = stage.converge();
    const { instanceId } = stage.store.topology?.nodes.find(({ id }) => id === 'fs-a') ?? { instanceId: 'none' };
    const old = stage.world.instances.get(instanceId);
    await stage.clock.until(() => old?.state === 'stopping', 20_000, 100);
    Object.assign(old ?? {}, { state: 'stopped' });

    await stage.clock.until(() => stage.journal().steps.stop.status === 'done', 20_000, 100);
    await stage.clock.until(() => old?.state === 'running', 20_000, 100);

    expect(stage.journal().calls?.confirmed).toBeNull();
    await converging;
    expect(stage.journal().steps.ledger.status).toBe('done');
  });

  it('takes the old node out of service before it locks it, so that it is nobody’s standby', async () => {
    const stage = await withDatabase();
    let markedBefore: string | null | undefined;
    const { nodeControl } = stage.deps;
    stage.deps.nodeControl = {
      ...nodeControl,
      lockRole: (node, timeoutMs) => {
        markedBefore = stage.store.nodes.get('fs-a')?.lockedBy;
        return nodeControl.lockRole(node, timeoutMs);
      },
    };
    await stage.converge();
    expect(markedBefore).toBe('main#2');
  });

  it('with the database away moves address and new calls at once, and recovers when it is back', async () => {
    const stage = await withDatabase();
    Object.assign(stage.world, { databaseAway: true, callsBefore: 10 });
    const pending = stage.converge();
    await stage.clock.until(() => stage.journal().steps.promote.status === 'done', 10_000, 50);
    expect(stage.world.switches.get('fs-b')).toMatchObject({ serving: true });
    expect(stage.world.recoveries).toHaveLength(0);
    stage.world.databaseAway = false;
    await pending;
    expect(stage.world.recoveries).toHaveLength(1);
    expect(stage.journal()).toMatchObject({ status: 'done', calls: { before: 10, aliveAfter5s: 10 } });
  });

  it('given up with calls at stake that nobody can number has a survival of nought, and says so', async () => {
    const stage = await besideAnotherVip();
    stage.world.databaseAway = true;
    stage.journal().sessionsBefore = 8;
    for (let run = 1; run < 6 && stage.journal().steps.ledger.status !== 'done'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal().calls).toMatchObject({ before: 0, lost: [] });
    expect(stage.journal().calls?.notes.join()).toContain('it carried other VIPs too, 8 session(s) in all');
    expect(stage.world.counts).toContainEqual({ name: 'CallSurvivalPercent', value: 0 });
    expect(stage.world.metrics).not.toContain('CallsLost');
    expect(stage.world.pages.at(-1)?.body).toContain('NONE KEPT, and how many were up is not known');
  });

  it('with the database away for too long gives the calls up, and the ledger says what was lost', async () => {
    const stage = await withDatabase();
    stage.world.databaseAway = true;
    stage.journal().sessionsBefore = 8;
    for (let run = 1; run < 6 && stage.journal().status === 'open'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal()).toMatchObject({
      status: 'done',
      calls: { before: 4, lost: [{ reason: 'database-unreachable', count: 4 }] },
    });
    expect(stage.journal().steps.recover.proof).toContain('given up after 120 s');
    expect(stage.world.pages.at(-1)?.body).toContain('because the database could not be reached');
  });

  describe('whose new holder was told to rebuild the calls, and never heard of', () => {
    const closed = { recovered: false, away: false, before: null, reason: 'the event socket is closed' } as const;
    const told = { ...closed, before: { calls: 10, legs: 20 }, told: { calls: 10, legs: 20 } } as const;
    const unanswered = new OutsideTimeout('no node-control function could be asked');
    const notServing = () => Promise.resolve({ serving: false, coreUuid: null, reason: 'SIP is silent' } as const);
    type Answer = RecoverResult | OutsideTimeout;

    /** What each attempt meets, and all after the last one; nobody can count until the recovery is given up. */
    async function givenUp(...answers: readonly Answer[]): Promise<Stage> {
      return givenUpOn(await withDatabase(), answers);
    }

    async function givenUpOn(stage: Stage, answers: readonly Answer[]): Promise<Stage> {
      stage.journal().sessionsBefore = 8;
      let tries = 0;
      const { nodeControl } = stage.deps;
      nodeControl.recover = () => {
        const answer = answers[Math.min(tries, answers.length - 1)]!;
        tries += 1;
        return answer instanceof OutsideTimeout ? Promise.reject(answer) : Promise.resolve(answer);
      };
      const countAlive = nodeControl.countAlive.bind(nodeControl);
      nodeControl.countAlive = () => Promise.resolve({ known: false, reason: 'closed' });
      for (let run = 1; run < 6 && stage.journal().steps.recover.status !== 'done'; run += 1) {
        await stage.converge(run);
        await stage.clock.advance(30_000);
      }
      nodeControl.countAlive = countAlive;
      return stage;
    }

    async function countedLater(stage: Stage): Promise<CallsLedger | null> {
      for (let run = 7; run < 10 && stage.journal().steps.ledger.status !== 'done'; run += 1) {
        await stage.converge(run);
        await stage.clock.advance(30_000);
      }
      return stage.journal().calls;
    }

    it.each<[string, Answer, Answer, number]>([
      ['its event socket stays closed', told, told, 10],
      ['nobody can ask what was ordered', told, closed, 10],
      ['the database is away since', told, { ...closed, away: true }, 10],
      ['an answer was lost: the order may have arrived', unanswered, { ...closed, away: true }, 4],
    ])('tells none as lost before they are counted, where %s', async (_words, first, later, before) => {
      const stage = await givenUp(first, later);
      expect(stage.journal().steps.recover.proof).toContain('given up after 120 s, and what was rebuilt is counted');
      expect(stage.journal().calls).toMatchObject({ before, confirmed: null, lost: [], countedBy: 'main#2' });
      expect(stage.journal().calls?.notes.join()).toContain('the node may have rebuilt calls of which nobody heard');
      expect(stage.world.metrics).not.toContain('CallsLost');

      stage.world.callsBefore = before;
      stage.world.callsAlive = before - 1;
      expect(await countedLater(stage)).toMatchObject({ confirmed: before - 1, lost: [{ count: 1 }] });
      expect(stage.world.metrics).toContain('CallsLost');
    });

    describe('because the function that told it was killed', () => {
      const away = { ...closed, away: true } as const;

      /** Nobody answered before it was, and it could write down nothing. */
      async function killedInRecovery(stage: Stage, lease: { owner: string; untilMs: number } | null): Promise<Stage> {
        stage.journal().lease = lease;
        return givenUpOn(stage, [away]);
      }

      it.each([
        ['its lease has run out', -1],
        ['its lease is waited for', 2_000],
      ])('tells none as lost before they are counted, where %s', async (_words, forMs) => {
        const stage = await withDatabase();
        await killedInRecovery(stage, { owner: 'killed', untilMs: stage.clock.wallMs() + forMs });
        expect(stage.journal().calls).toMatchObject({ before: 4, lost: [], countedBy: 'main#2' });

        stage.world.callsBefore = 4;
        stage.world.callsAlive = 4;
        expect(await countedLater(stage)).toMatchObject({ confirmed: 4, lost: [] });
      });

      it('writes that down before it asks anybody', async () => {
        const stage = await withDatabase();
        stage.journal().lease = { owner: 'killed', untilMs: 0 };
        let seen: unknown;
        stage.deps.nodeControl.recover = () => {
          seen ??= stage.journal().steps.recover;
          return Promise.resolve(away);
        };
        await stage.converge();
        expect(seen).toMatchObject({ status: 'pending', ordered: { by: 'main#2', calls: null, legs: null } });
      });

      it('believes the database that says that nobody told it', async () => {
        const stage = await withDatabase();
        stage.journal().lease = { owner: 'killed', untilMs: 0 };
        await givenUpOn(stage, [{ ...closed, before: { calls: 10, legs: 20 }, told: false }]);
        expect(stage.journal().calls).toMatchObject({ before: 10, lost: [{ reason: 'given-up', count: 10 }] });
      });

      it('calls them lost where whoever worked on it gave its lease back', async () => {
        const stage = await killedInRecovery(await withDatabase(), null);
        expect(stage.journal().calls).toMatchObject({
          before: 4,
          lost: [{ reason: 'database-unreachable', count: 4 }],
        });
      });

      it('leaves alone what an earlier attempt wrote down, and a recovery that is done', async () => {
        const known = await withDatabase();
        const ordered = { by: 'main#2', calls: 10, legs: 20 };
        Object.assign(known.journal().steps.recover, { ordered });
        await killedInRecovery(known, { owner: 'killed', untilMs: 0 });
        expect(known.journal().calls).toMatchObject({ before: 10, countedBy: 'main#2' });

        const recovered = await withDatabase();
        Object.assign(recovered.journal().steps.recover, { status: 'done', proof: '10 calls', finishedAtMs: 1 });
        recovered.journal().lease = { owner: 'killed', untilMs: 0 };
        await recovered.converge();
        expect(recovered.journal().steps.recover).toMatchObject({ status: 'done', proof: '10 calls' });
        expect(recovered.journal().steps.recover.ordered).toBeUndefined();
      });
    });

    it('says why those are lost that it did not rebuild', async () => {
      const stage = await givenUp(told, { ...closed, away: true });
      stage.world.callsAlive = 0;
      const calls = await countedLater(stage);
      expect(calls?.lost).toEqual([{ reason: 'database-unreachable', count: 10 }]);
    });

    it('is told so in the page, and not that the recovery is under way', async () => {
      const stage = await givenUp(told, closed);
      await countedLater(stage);
      expect(stage.world.pages.some(({ body }) => body.includes('NOT KNOWN how many of 10 live'))).toBe(true);
    });

    it('and was not told at all, as the database says, calls them lost at once', async () => {
      const stage = await givenUp(unanswered, { ...closed, before: { calls: 10, legs: 20 }, told: false });
      expect(stage.journal().calls).toMatchObject({ before: 10, lost: [{ reason: 'given-up', count: 10 }] });
      await countedLater(stage);
      expect(stage.world.counts).toContainEqual({ name: 'CallSurvivalPercent', value: 0 });
    });

    it('and could not be reached calls them lost: it was told nothing', async () => {
      const stage = await givenUp({ ...closed, unreached: true }, { ...closed, away: true });
      expect(stage.journal().calls).toMatchObject({ before: 4, lost: [{ reason: 'database-unreachable', count: 4 }] });
    });

    it('calls them lost once the database says that the order never arrived', async () => {
      const stage = await givenUp(unanswered, { ...closed, away: true });
      stage.deps.nodeControl.countAlive = () =>
        Promise.resolve({ known: false, reason: 'it was never prepared there', told: false });
      expect(await countedLater(stage)).toMatchObject({
        before: 4,
        lost: [{ reason: 'database-unreachable', count: 4 }],
      });
      expect(stage.world.counts).toContainEqual({ name: 'CallSurvivalPercent', value: 0 });
    });

    it.each<[string, Answer]>([
      ['does not reach it', { ...closed, unreached: true }],
      ['meets another process', { ...closed, notChosen: true }],
    ])('remembers what it was told over an attempt that %s', async (_words, between) => {
      const stage = await givenUp(told, between, { ...closed, away: true });
      expect(stage.journal().calls).toMatchObject({ before: 10, lost: [], countedBy: 'main#2' });
    });

    it.each<[string, NodeControl['check'], NodeControl['promote']]>([
      ['cannot be looked at', () => Promise.reject(unanswered), () => Promise.reject(unanswered)],
      ['does not serve, nor can be promoted', notServing, () => Promise.resolve({ promoted: false, reason: 'closed' })],
    ])('remembers what it was told where it was promoted before and now %s', async (_words, check, promote) => {
      const stage = await withDatabase();
      stage.journal().steps.promote = { ...stage.journal().steps.promote, status: 'done', proof: '200 OK' };
      Object.assign(stage.deps.nodeControl, { check, promote });

      await givenUpOn(stage, [told, { ...closed, away: true }]);

      expect(stage.journal().steps.recover.ordered).toMatchObject({ by: 'main#2', calls: 10 });
    });

    it('remembers that another zone may have told it before one said no', async () => {
      const stage = await givenUp({ ...closed, away: true, unheard: true }, { ...closed, away: true });
      expect(stage.journal().calls).toMatchObject({ before: 4, lost: [], countedBy: 'main#2' });
    });

    it('remembers it also where that zone got no answer', async () => {
      const stage = await givenUp({ ...closed, unreached: true, unheard: true }, { ...closed, away: true });
      expect(stage.journal().calls).toMatchObject({ before: 4, lost: [], countedBy: 'main#2' });
    });

    it('takes the number that was counted in place of none', async () => {
      const stage = await givenUp(unanswered, told);
      expect(stage.journal().calls).toMatchObject({ before: 10, legsBefore: 20, lost: [] });
    });
  });

  it('keeps the ledger of an attempt that recovered them where a later one, to promote the VIP again, fails', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 10;
    const { nodeControl } = stage.deps;
    const recover = nodeControl.recover.bind(nodeControl);
    const promote = nodeControl.promote.bind(nodeControl);
    let tries = 0;
    nodeControl.recover = (...order) => {
      tries += 1;
      if (tries === 1) return recover(...order);
      return Promise.resolve({ recovered: false, away: true, before: null, reason: 'the database is away' });
    };
    // Promoted before the recovery, and not after it.
    nodeControl.promote = (...order) =>
      tries === 1 ? Promise.resolve({ promoted: false, reason: 'no greeting' }) : promote(...order);
    stage.journal().steps.promote = { ...stage.journal().steps.promote, status: 'done', proof: '200 OK' };
    for (let run = 1; run < 8 && stage.journal().steps.recover.status !== 'done'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }

    expect(tries).toBeGreaterThan(1);
    expect(stage.journal().steps.recover.proof).toContain('recovered before, as the ledger says');
    expect(stage.journal().calls).toMatchObject({ before: 10, lost: [] });
  });

  it.each([
    ['that no zone could give: an attempt whose answer was lost may have saved them', { unreached: true }],
    ['that met another process: it may be chosen yet', { notChosen: true }],
  ] as const)('does not give the calls up %s', async (_words, why) => {
    const stage = await withDatabase();
    const { nodeControl } = stage.deps;
    const recover = nodeControl.recover.bind(nodeControl);
    nodeControl.recover = () =>
      Promise.resolve({ recovered: false, away: false, before: null, reason: 'no greeting', ...why });
    for (let run = 1; run < 6; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal()).toMatchObject({
      calls: null,
      steps: { recover: { status: 'pending', error: 'no greeting' } },
    });

    nodeControl.recover = recover;
    stage.world.callsBefore = 10;
    await stage.converge(6);
    expect(stage.journal()).toMatchObject({ calls: { before: 10, lost: [] } });
  });

  describe('whose recovery is begun late, and callers are served', () => {
    /** As long ago as EC2, or the pause of a human, kept it from beginning. */
    async function begunLate(): Promise<Stage> {
      const stage = await withDatabase();
      const decidedAtMs = stage.clock.wallMs() - DEFAULT_TIMING.stuckAfterMs;
      Object.assign(stage.journal(), { decidedAtMs, sessionsBefore: 8 });
      return stage;
    }

    it('is not stuck while the calls are tried: they are given up by themselves', async () => {
      const stage = await begunLate();
      stage.world.databaseAway = true;

      expect(await stage.converge()).toMatchObject({ outcome: 'open' });
      expect(stage.journal().steps.verify.status).toBe('done');
      expect([...stage.store.incidents.values()]).toEqual([]);

      expect(await stage.converge(2)).toMatchObject({ outcome: 'done' });
      expect(stage.journal().calls?.lost).toMatchObject([{ reason: 'database-unreachable' }]);
    });

    it('is stuck where nobody hears what became of them for longer than that', async () => {
      const stage = await begunLate();
      stage.deps.nodeControl.recover = () =>
        Promise.resolve({ recovered: false, away: false, before: null, reason: 'no greeting', unreached: true });

      expect(await stage.converge()).toMatchObject({ outcome: 'open' });
      expect(await stage.converge(2)).toMatchObject({ outcome: 'stuck' });
    });

    it('is stuck where callers are not served either', async () => {
      const stage = await begunLate();
      stage.world.databaseAway = true;
      stage.deps.nodeControl.promote = () => Promise.resolve({ promoted: false, reason: 'no greeting' });

      expect(await stage.converge()).toMatchObject({ outcome: 'stuck' });
    });
  });

  it('that comes too late ends with its epoch: nothing is told as lost, and it is not tried again', async () => {
    const stage = await withDatabase();
    let tries = 0;
    stage.deps.nodeControl.recover = () => {
      tries += 1;
      stage.store.vips.get('main')!.epoch = 3;
      const reason = 'recovery main#2 comes too late: main#3 took its place';
      return Promise.resolve({ recovered: false, away: false, before: null, notChosen: true, reason });
    };

    const { outcome } = await stage.converge();

    expect([outcome, tries]).toEqual(['superseded', 1]);
    expect(stage.journal().calls).toBeNull();
    expect(stage.world.pages).toEqual([]);
  });

  it('that nobody can count is looked at for an hour, and then closed without a number', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 10;
    const why = 'its database does not answer it';
    let looks = 0;
    stage.deps.nodeControl.countAlive = () => {
      looks += 1;
      return Promise.resolve({ known: false, reason: why });
    };
    await stage.converge();
    // The page waits for a first one for ten seconds, and asks once a second though each fails at once.
    expect(looks).toBeLessThan(20);
    const recoveredAgo = (ms: number): void => {
      const { calls, steps } = stage.journal();
      calls!.recoveredAtMs = steps.recover.finishedAtMs = stage.clock.wallMs() - ms;
    };
    recoveredAgo(3_500_000);
    await stage.converge(2);
    expect(stage.journal().steps.ledger.status).toBe('pending');

    recoveredAgo(3_600_000);
    await stage.converge(3);
    expect(stage.journal().steps.ledger).toMatchObject({ status: 'done', proof: `not counted within an hour: ${why}` });
    expect(stage.journal().calls).toMatchObject({ before: 10, confirmed: null, lost: [] });
    expect(stage.journal().calls?.notes.join()).toContain('how many live is not known');
    expect(stage.world.metrics).not.toContain('CallSurvivalPercent');
  });

  it('back to the process that had the calls keeps them: they never left it', async () => {
    const stage = await withDatabase();
    stage.journal().sessionsBefore = 20;
    stage.world.stayed = { calls: 10, legs: 20 };
    await stage.converge();
    expect(stage.journal()).toMatchObject({ status: 'done', calls: { before: 10, confirmed: 10, lost: [] } });
    expect(stage.journal().steps.ledger.proof).toBe('10 of 10 calls live');
    expect(stage.world.pages[0]?.body).toMatch(/10 of 10 kept.*\n.*they never left it/);
    expect(stage.world.counts).toContainEqual({ name: 'CallSurvivalPercent', value: 100 });
  });

  it('back to such a process with the database away for too long loses none of them', async () => {
    const stage = await withDatabase();
    stage.world.databaseAway = true;
    Object.assign(stage.journal(), { sessionsBefore: 20, from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-b' } });
    for (let run = 1; run < 6 && stage.journal().status === 'open'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal()).toMatchObject({ status: 'done', calls: { before: 0, lost: [] } });
    expect(stage.journal().calls?.notes[0]).toContain('they never left it');
    expect(stage.world.metrics).not.toContain('CallSurvivalPercent');
  });

  it('brings the old node back: stopped, let in, started, seen fit; in this order', async () => {
    const stage = await withDatabase();
    await stage.converge();
    const old = stage.world.instances.get('i-a');
    if (old === undefined) throw new Error('no instance');
    expect(old.state).toBe('stopping');
    expect(stage.world.locked).toContain('fs-a');
    await stage.converge(2);
    expect(stage.world.locked).toContain('fs-a');
    old.state = 'stopped';
    await stage.clock.advance(30_000);
    await stage.converge(3);
    expect(stage.world.locked).not.toContain('fs-a');
    expect(order(stage, 'node.unlockRole')).toBeLessThan(order(stage, 'ec2.start'));
    expect(stage.journal().steps.restore).toMatchObject({ status: 'pending', error: 'fs-a was ordered to start' });
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });
});

describe('a failover without a database', () => {
  it('touches no row, and ends the standby all the same', async () => {
    const stage = await decided();
    await stage.converge();
    expect(stage.world.calls.filter((call) => /lockRole|recover/.test(call))).toEqual([]);
    expect(stage.journal()).toMatchObject({ status: 'done', calls: null });
  });
});
