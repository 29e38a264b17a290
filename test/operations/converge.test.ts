import { decide } from '../../lib/domain/decide';
import type { StepName } from '../../lib/domain/model';
import { ForeignOwner, OutsideTimeout } from '../../lib/domain/errors';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { convergeTransition } from '../../lib/operations/converge/converge';
import { looks, topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { KillableProcess } from '../support/killable-process';

function expectMoved({ world, store }: Stage, nodeId = 'fs-b'): void {
  const node = topologyOf(3).nodes.find((each) => each.id === nodeId);
  expect(world.association).toMatchObject({
    networkInterfaceId: node?.networkInterfaceId,
    privateAddress: node?.vipAddresses.main,
  });
  expect(world.record).toMatchObject({ addresses: [node?.vipAddresses.main] });
  expect(world.switches.get(nodeId)).toMatchObject({ serving: true });
  expect(store.vips.get('main')).toMatchObject({ status: 'held', holder: { nodeId, coreUuid: `uuid-${nodeId}` } });
  expect(store.control?.transitionsInFlight).toBe(0);
}

describe('a failover', () => {
  it('to a node whose zone is cut off is not over, and its page does not say that callers are served', async () => {
    const stage = await decided();
    stage.world.cutOff.add('fs-b');
    for (let run = 1; run < 4; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal().status).toBe('open');
    expect(stage.world.pages.map(({ attributes }) => attributes['served'])).not.toContain('yes');
    expect(stage.world.pages).not.toHaveLength(0);

    stage.world.cutOff.clear();
    await stage.converge(4);
    expect(stage.journal().status).toBe('done');
    expect(stage.world.pages.at(-1)?.attributes).toMatchObject({ served: 'yes' });
  });

  it('moves everything, pages once, closes the journal with a proof for every step and orders the stop', async () => {
    const stage = await decided();
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('done');
    expectMoved(stage);
    expect(stage.world.record).toMatchObject({ epoch: 2 });
    expect(stage.world.eipEpoch).toBe(2);
    expect(stage.world.pages).toHaveLength(1);
    for (const [name, record] of Object.entries(stage.journal().steps)) {
      if (['lock', 'recover'].includes(name)) expect([name, record.status]).toEqual([name, 'skipped']);
      else if (!['stop', 'restore'].includes(name))
        expect([name, record.status, record.proof]).toEqual([name, 'done', expect.any(String)]);
    }
    expect(stage.world.instances.get('i-a')?.state).toBe('stopping');
    expect(stage.store.nodes.get('fs-a')?.claims).toEqual([]);
  });

  it.each([
    ['tells in its page the one before it, whose page could not be sent', 'pending', true],
    ['tells nothing of one before it whose page went out', 'done', false],
  ] as const)('%s', async (_words, notify, isTold) => {
    const stage = await decided();
    const { steps, ...rest } = stage.journal();
    const before = { ...rest, id: 'main#1', epoch: 1, status: 'done' as const };
    stage.store.transitions.set('main#1', {
      ...before,
      steps: { ...steps, notify: { ...steps.notify, status: notify } },
    });

    await stage.converge();

    expect(stage.world.pages).toHaveLength(1);
    expect(/^Before it: +main#1/m.test(stage.world.pages[0]?.body ?? '')).toBe(isTold);
  });

  it('never makes an effect before its proof', async () => {
    const stage = await decided('suspected-death');
    await stage.converge();
    const order = (call: string): number => stage.world.calls.indexOf(call);
    expect(order('eip.detach')).toBeLessThan(order('eip.attach'));
    expect(order('eip.attach')).toBeLessThan(order('node.promote'));
    expect(order('eip.attach')).toBeLessThan(order('dns.swap'));
    expect(order('node.check')).toBeLessThan(order('sns.page'));
    expect(stage.journal().steps.fence.proof).toContain('(d)');
  });

  it('fences a node that still answers ESL by order, and says how it knows', async () => {
    const stage = await decided('sip-stuck');
    await stage.converge();
    expect(stage.journal().steps.fence.proof).toContain('(b) socket closed, then refused');
    expect(stage.world.switches.get('fs-a')).toBeNull();
  });

  it('is finished by the schedule once the old node is stopped', async () => {
    const stage = await decided();
    await stage.converge();
    const old = stage.world.instances.get('i-a');
    if (old !== undefined) old.state = 'stopped';
    await stage.converge(2);
    expect(stage.journal().steps.stop).toMatchObject({ status: 'done', proof: expect.stringContaining('stopped') });
    expect(stage.world.pages).toHaveLength(1);
  });
});

describe('a pause in the middle', () => {
  it('stops every mutation, and is gone on from where it stood when it is resumed', async () => {
    const stage = await decided();
    await stage.store.setPaused({ kind: 'cluster' }, true, 'a human looks');
    const pending = stage.converge();
    await stage.clock.advance(5_000);
    expect(stage.world.calls.filter((call) => !/read|describe|check/.test(call))).toEqual([]);
    expect(stage.journal().steps.detach.error).toContain('the cluster is paused: a human looks');
    await stage.store.setPaused({ kind: 'cluster' }, false, null);
    expect((await pending).outcome).toBe('done');
    expectMoved(stage);
  });

  it('that outlasts any patience makes nothing stuck: it goes on when it is resumed', async () => {
    const stage = await decided();
    await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, 'a long night');
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);

    expect((await stage.converge()).outcome).toBe('open');
    expect([stage.journal().status, stage.store.incidents.size]).toEqual(['open', 0]);

    await stage.store.setPaused({ kind: 'vip', id: 'main' }, false, null);
    expect((await stage.converge()).outcome).toBe('done');
    expectMoved(stage);
  });

  it('of the old node keeps it from being stopped', async () => {
    const stage = await decided();
    await stage.store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'a human looks');
    await stage.converge();
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });
});

describe('a chain of retargetings', () => {
  it('fences and stops every node it left behind', async () => {
    const stage = await decided('suspected-death');
    const now = stage.clock.wallMs();
    for (const node of ['fs-a', 'fs-b']) {
      for (const each of looks(node, 'silent', 'silent', { observedAtMs: now + 1 }))
        await stage.store.putObservation(each, now);
    }
    for (const each of looks('fs-c', 'ok', 'standby', { observedAtMs: now + 1 }))
      await stage.store.putObservation(each, now);
    stage.world.switches.set('fs-b', null);
    const snapshot = await stage.store.readCluster();
    const [decision] = decide(snapshot, [stage.journal()], now + 2);
    if (decision?.kind !== 'change') throw new Error(`not decided: ${decision?.reasons.join('; ')}`);
    const write = decisionWrite(decision, stage.topology, snapshot.observations, now + 2, 'observer/b');
    expect(await stage.store.decide(write)).toEqual({ outcome: 'written' });

    let over = false;
    void convergeTransition(stage.deps, stage.topology, 'main', 3).finally(() => (over = true));
    await stage.clock.until(() => over, 300_000, 50);
    expectMoved(stage, 'fs-c');
    const journal = stage.store.transitions.get('main#3');
    expect(journal?.steps.fence.proof).toMatch(/fs-a: .*; .*fs-b/s);
    expect([stage.world.instances.get('i-a')?.state, stage.world.instances.get('i-b')?.state]).toEqual([
      'stopping',
      'stopping',
    ]);
  });
});

describe('killed anywhere, run again', () => {
  it.each([
    ['without a database', topologyOf(3)],
    ['with calls to recover', topologyOf(3, { database: { host: 'db.internal', port: 5432, name: 'freeswitch' } })],
  ])('finishes %s, whichever outside call it died in, before or after the effect', async (_, topology) => {
    const calls = await decided('conclusive-death', {}, topology).then(async (stage) => {
      await stage.converge();
      return stage.world.calls.length;
    });
    expect(calls).toBeGreaterThan(10);
    for (const moment of ['before', 'after'] as const) {
      for (let index = 0; index < calls; index += 1) {
        const process = new KillableProcess();
        const interfere = {
          [moment]: (_call: string, at: number) => (at === index && !process.dead ? process.kill() : undefined),
        };
        const stage = await decided('conclusive-death', interfere, topology);
        stage.world.callsBefore = 4;
        void convergeTransition(process.wrap(stage.deps), stage.topology, 'main', 2);
        await stage.clock.until(() => process.dead, 60_000);
        const outcome = await stage.converge(100 + index);
        expect([moment, index, outcome.outcome]).toEqual([moment, index, 'done']);
        expectMoved(stage);
        expect(new Set(stage.world.pages.map((page) => page.subject)).size).toBe(1);
        // However often it is ordered, it is one order: the database keeps it and its legs.
        expect(new Set(stage.world.recoveries.map(({ order }) => order.transitionId)).size).toBeLessThanOrEqual(1);
        if (topology.database !== null) expect(stage.journal().calls).toMatchObject({ before: 4, aliveAfter5s: 4 });
      }
    }
  });

  it('finishes when the store loses any answer on the way', async () => {
    for (let index = 0; index < 25; index += 1) {
      const stage = await decided();
      let seen = 0;
      stage.store.hooks.onAnswer = (method) => {
        if (method === 'readTransition') return;
        seen += 1;
        if (seen === index + 1) throw new OutsideTimeout(`the answer of ${method} was lost`);
      };
      const first = await stage.converge(1).catch(() => null);
      if (first?.outcome !== 'done') {
        await stage.clock.advance(DEFAULT_TIMING.leaseMs);
        await stage.converge(2);
      }
      expectMoved(stage);
    }
  });
});

describe('invoked twice at once', () => {
  it('does everything once', async () => {
    const stage = await decided();
    const outcomes = await Promise.all([stage.converge(1), stage.converge(2)]);
    expectMoved(stage);
    expect(stage.world.pages).toHaveLength(1);
    expect(stage.world.promotions).toEqual(['fs-b/main']);
    expect(stage.world.calls.filter((call) => call === 'ec2.forceStop')).toHaveLength(1);
    expect(outcomes.map((outcome) => outcome.outcome)).toContain('done');
  });
});

describe('a stale epoch', () => {
  it('stops at its next mutation and touches nothing more', async () => {
    let stale = false;
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === 'eip.read' && !stale) {
          stale = true;
          const vip = stage.store.vips.get('main');
          if (vip !== undefined) vip.epoch = 3;
        }
      },
    });
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('superseded');
    expect(stage.world.association).toMatchObject({ networkInterfaceId: 'eni-a' });
    expect(stage.world.calls).not.toContain('eip.detach');
    expect(stage.world.promotions).toEqual([]);
    expect(stage.world.pages).toEqual([]);
    expect(stage.world.metrics).not.toContain('ConvergenceErrors');
  });

  it('that won the moment between detach and attach is taken off again', async () => {
    let raced = false;
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call !== 'eip.attach' || raced) return;
        raced = true;
        stage.world.association = {
          associationId: 'eipassoc-stale',
          networkInterfaceId: 'eni-c',
          privateAddress: '10.0.2.11',
          instanceId: null,
        };
      },
    });
    await stage.converge();
    expectMoved(stage);
  });

  it('that moves the address after it was attached is put right before the journal closes', async () => {
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call !== 'node.promote' || stage.world.promotions.length > 0) return;
        stage.world.association = {
          associationId: 'eipassoc-stale',
          networkInterfaceId: 'eni-c',
          privateAddress: '10.0.2.11',
          instanceId: null,
        };
      },
    });
    await stage.converge();
    expectMoved(stage);
  });

  it('that demotes the new holder after it was promoted is put right before the journal closes', async () => {
    const stage = await decided('conclusive-death', {
      before: (call) => {
        const alive = stage.world.switches.get('fs-b');
        if (call === 'node.check' && stage.world.promotions.length === 1 && alive) alive.serving = false;
      },
    });
    await stage.converge();
    expectMoved(stage);
    expect(stage.world.promotions).toEqual(['fs-b/main', 'fs-b/main']);
  });
});

describe('a bad day', () => {
  it.each([
    'eip.read',
    'eip.readByAddress',
    'eip.detach',
    'eip.attach',
    'eip.tag',
    'dns.read',
    'dns.swap',
    'node.promote',
    'node.check',
    'sns.page',
    'ec2.describe',
  ])('%s fails three times, then works: the failover is done', async (name) => {
    let failures = 0;
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === name && failures < 3) {
          failures += 1;
          throw new OutsideTimeout(`${call} gave no answer`);
        }
      },
    });
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('done');
    expectMoved(stage);
    if (name !== 'ec2.describe') expect(failures).toBe(3);
  });

  it('a journal that cannot be written twice is written the third time, and the failover is done', async () => {
    const stage = await decided();
    let failures = 0;
    stage.store.hooks.onCall = (method) => {
      if (method === 'recordStep' && failures++ < 2) throw new OutsideTimeout('DynamoDB gave no answer');
    };

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });

    expectMoved(stage);
  });

  it.each<[string, StepName[]]>([
    ['taken off', []],
    ['put on', ['detach']],
  ])('an address that is on the new holder already, because an answer was lost, is not %s again', async (_, done) => {
    const stage = await decided();
    const { steps } = stage.journal();
    for (const step of done) steps[step] = { ...steps[step], status: 'done', proof: 'seen' };
    stage.world.association = {
      ...{
        associationId: 'eipassoc-lost',
        networkInterfaceId: 'eni-b',
        privateAddress: '10.0.1.11',
        instanceId: 'i-b',
      },
    };

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });

    expect(stage.world.association).toMatchObject({ associationId: 'eipassoc-lost' });
    expect(stage.world.calls.filter((call) => /eip\.(de|at)tach/.test(call))).toEqual([]);
  });

  it('an address of another deployment is never taken: stuck, with the one step a human must take', async () => {
    const stage = await decided();
    stage.world.eipOwner = 'other/deployment';
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('stuck');
    expect(stage.world.calls).not.toContain('eip.detach');
    const [incident] = [...stage.store.incidents.values()];
    expect(incident).toMatchObject({ kind: 'vip-stuck', vipId: 'main' });
    expect(incident?.reasons[0]).toContain('other/deployment');
  });

  it("a foreign EIP on the candidate's address is not displaced", async () => {
    const stage = await decided();
    stage.world.occupants.set('10.0.1.11', 'eipalloc-foreign');
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('stuck');
    expect(stage.world.calls).not.toContain('eip.attach');
    stage.world.occupants.clear();
    expect((await stage.converge(2)).outcome).toBe('done');
    expectMoved(stage);
  });

  it('a candidate that dies before its promotion leaves an open journal for the retargeting', async () => {
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === 'eip.attach') stage.world.switches.set('fs-b', null);
      },
    });
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('open');
    expect(stage.journal().steps.promote).toMatchObject({ status: 'pending', error: 'ESL refused' });
  });

  it('after ten minutes it is stuck: closed as such, counted down, and a human is told the step', async () => {
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === 'node.promote') throw new OutsideTimeout('node-control gave no answer');
      },
    });
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);
    const outcome = await stage.converge();
    expect(outcome.outcome).toBe('stuck');
    expect(stage.journal().status).toBe('stuck');
    expect(stage.store.control?.transitionsInFlight).toBe(0);
    expect([...stage.store.incidents.values()][0]?.reasons[0]).toContain('step promote');
  });

  it('never throws a foreign owner past the journal: a human is told whose the name is', async () => {
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === 'dns.read') throw new ForeignOwner('the name is marked by another deployment');
      },
    });
    await expect(stage.converge()).resolves.toMatchObject({ outcome: 'done' });
    const [incident] = [...stage.store.incidents.values()];
    expect(incident).toMatchObject({ kind: 'vip-stuck', reasons: [expect.stringContaining('another deployment')] });
  });
});
