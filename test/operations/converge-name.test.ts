/** The private name while Route 53 is away: it holds up nothing that callers, or the next failover, need. */
import { OutsideTimeout } from '../../lib/domain/errors';
import type { Change } from '../../lib/domain/decision';
import type { Topology } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { onWake } from '../../lib/operations/converge-cluster';
import { looks, topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const withName = topologyOf(3);
const withNameOnly: Topology = { ...withName, vips: withName.vips.map((vip) => ({ ...vip, elasticIp: null })) };
const stuckAt = (stage: Stage): string[] =>
  [...stage.store.incidents.values()].filter(({ kind }) => kind === 'vip-stuck').flatMap(({ reasons }) => reasons);

/**
 * A decided failover from fs-a, which is dead, to fs-b; Route 53 answers none of these calls until `back`, and
 * node-control none after `silence`.
 */
async function routeAway(topology: Topology, calls = 'dns.') {
  let away = true;
  let silent = false;
  const stage = await decided(
    'conclusive-death',
    {
      before: (call) => {
        if (away && call.startsWith(calls)) throw new OutsideTimeout('Route 53 gave no answer');
        if (silent && call.startsWith('node.')) throw new OutsideTimeout('node-control gave no answer');
      },
    },
    topology,
  );
  return { ...stage, back: () => (away = false), leave: () => (away = true), silence: () => (silent = true) };
}

/** The change of holder before this one, which wrote the name. */
function nameWrittenFor(stage: Stage, nodeId: string, status: 'done' | 'pending' = 'done'): void {
  const first: Change = {
    ...{ kind: 'change', vipId: 'main', transition: 'assignment', cause: 'first-assignment', from: null },
    ...{ to: { nodeId, coreUuid: null }, expectedEpoch: 0, detectedAtMs: 0, startsBlock: false },
    ...{ follows: null, reasons: [] },
  };
  const { transition } = decisionWrite(first, stage.topology, [], 0, 'test');
  const dns = { ...transition.steps.dns, status };
  stage.store.transitions.set('main#1', { ...transition, status: 'done', steps: { ...transition.steps, dns } });
}

async function restored(stage: Stage): Promise<void> {
  const old = stage.world.instances.get('i-a');
  if (old !== undefined) old.state = 'stopped';
  await stage.converge(2);
}

describe('the record of a private name', () => {
  const target = withName.nodes[1]?.vipAddresses['main'] ?? '';

  it('that another cluster marked is left alone, and a human is told whose it is', async () => {
    const stage = await decided();
    const theirs = { addresses: ['10.9.9.9'], ttlS: 5, epoch: 1, owner: 'pbx/other' };
    stage.world.record = { ...theirs };

    await stage.converge();

    expect(stage.world.record).toEqual(theirs);
    expect(stage.world.calls).not.toContain('dns.swap');
    expect(stuckAt(stage)).toEqual([expect.stringContaining('carries the mark of pbx/other')]);
  });

  it.each([
    ['leads elsewhere', '10.0.0.11', 2],
    ['leads to the new holder by chance, and bears an older epoch', target, 1],
  ])('is written where it %s', async (_words, address, epoch) => {
    const stage = await decided();
    stage.world.record = { addresses: [address], ttlS: 5, epoch, owner: stage.topology.owner };

    await stage.converge();

    expect(stage.world.record).toMatchObject({ addresses: [target], epoch: 2 });
  });

  it('that changed between read and write is read again before it is written', async () => {
    const edited = { addresses: ['10.9.9.9'], ttlS: 5, epoch: 1, owner: withName.owner };
    const stage = await decided('conclusive-death', {
      before: (call) => {
        if (call === 'dns.swap' && !stage.world.calls.slice(0, -1).includes(call)) stage.world.record = edited;
      },
    });

    await stage.converge();

    expect(stage.journal().steps.dns.proof).toContain('swapped from 10.9.9.9');
    expect(stage.world.record).toMatchObject({ addresses: [target], epoch: 2 });
  });

  it('that was written, and nobody heard so, is not written again', async () => {
    const stage = await decided('conclusive-death', {
      after: (call) => {
        if (call === 'dns.swap') throw new OutsideTimeout('the answer was lost');
      },
    });

    await stage.converge();

    expect(stage.world.calls.filter((call) => call === 'dns.swap')).toHaveLength(1);
    expect(stage.journal().steps.dns).toMatchObject({ status: 'done', proof: expect.stringContaining(target) });
  });
});

describe('a VIP with a public address, while Route 53 is away', () => {
  it.each(['dns.', 'dns.swap'])('is held by its new holder, and the old one brought back: no %s', async (calls) => {
    const stage = await routeAway(withName, calls);

    const { outcome } = await stage.converge();
    expect(outcome).toBe('done');
    expect(stage.store.vips.get('main')).toMatchObject({ status: 'held', holder: { nodeId: 'fs-b' } });
    expect(stage.journal().steps).toMatchObject({ verify: { status: 'done' }, dns: { status: 'pending' } });
    expect(stage.store.control?.transitionsInFlight).toBe(0);
    expect(stage.store.nodes.get('fs-a')?.claims).toEqual([]);

    await restored(stage);
    expect(stage.world.calls).toContain('ec2.start');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });

  it('waits for it a few seconds, and no longer, before it calls itself served', async () => {
    const stage = await routeAway(withName);
    const begunMs = stage.clock.wallMs();

    await stage.converge();

    const tookMs = (stage.journal().steps.verify.finishedAtMs ?? 0) - begunMs;
    expect(tookMs).toBeGreaterThanOrEqual(DEFAULT_TIMING.namePatienceMs);
    expect(tookMs).toBeLessThan(2 * DEFAULT_TIMING.namePatienceMs);
  });

  it('is paged as served by the address, with the node that the name leads to, and what to call instead', async () => {
    const stage = await routeAway(withName);
    nameWrittenFor(stage, 'fs-a');

    await stage.converge();

    const [page, ...more] = stage.world.pages;
    expect(more).toEqual([]);
    expect(page?.body).toMatch(/^Callers served: +YES, by 198\.51\.100\.10 and not by name$/m);
    expect(page?.body).toMatch(
      /^Private name: +sip\.pbx\.internal still leads to fs-a: .* let them call 198\.51\.100\.10$/m,
    );
    expect(page?.body).toContain('Route 53 gave no answer');
  });

  it('does not say where its name leads when no journal has written it', async () => {
    const stage = await routeAway(withName);
    nameWrittenFor(stage, 'fs-a', 'pending');

    await stage.converge();

    expect(stage.world.pages[0]?.body).toContain('sip.pbx.internal leads where it did before');
  });

  it('gets its name as soon as Route 53 is back', async () => {
    const stage = await routeAway(withName);
    await stage.converge();

    stage.back();
    await stage.converge(2);

    expect(stage.world.record).toMatchObject({ addresses: ['10.0.1.11'], epoch: 2 });
    expect(stage.journal().steps.dns.status).toBe('done');
    expect(stage.world.pages).toHaveLength(1);
  });

  it.each([
    ['before its name was written', false],
    ['after its name was written', true],
  ])('has its address put back, where somebody moved it %s', async (_words, written) => {
    const stage = await routeAway(withName);
    if (written) stage.back();
    await stage.converge();
    stage.leave();
    const moved = { associationId: 'eipassoc-hand', networkInterfaceId: 'eni-a', privateAddress: '10.0.0.11' };
    stage.world.association = { ...moved, instanceId: 'i-a' };

    await minute(stage);

    expect(stage.world.association).toMatchObject({ networkInterfaceId: 'eni-b' });
  });

  it('is named after ten minutes, once, until the name is written', async () => {
    const stage = await routeAway(withName);
    await stage.converge();
    expect(stuckAt(stage)).toEqual([]);

    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);
    await minute(stage);
    await minute(stage);
    expect(stuckAt(stage)).toEqual([expect.stringContaining('main#2 waits at step dns')]);
    expect(stage.world.pages.filter(({ subject }) => subject.includes('vip-stuck'))).toHaveLength(1);
    expect(stage.journal().status).toBe('done');

    stage.back();
    await minute(stage);
    await minute(stage);
    expect(stuckAt(stage)).toEqual([]);
  });
});

describe('a name whose TXT record carries a higher epoch than the table', () => {
  const marked = { addresses: ['10.0.0.11'], ttlS: 5, epoch: 99, owner: 'pbx/test' };

  it.each([
    ['with a public address', withName, 'done'],
    ['with nothing but its private name', withNameOnly, 'stuck'],
  ])('keeps no other step of a VIP %s, and is named to a human', async (_words, topology, outcome) => {
    const stage = await decided('conclusive-death', {}, topology);
    stage.world.record = marked;

    expect((await stage.converge()).outcome).toBe(outcome);

    expect(stage.journal().steps).toMatchObject({ promote: { status: 'done' } });
    expect(stuckAt(stage)).toEqual([
      expect.stringMatching(/waits at step dns: .*TXT record of sip\.pbx\.internal carries epoch 99/),
    ]);
    expect(stage.world.record).toBe(marked);
  });

  it('is written as soon as that record is gone', async () => {
    const stage = await decided('conclusive-death');
    stage.world.record = marked;
    await stage.converge();

    stage.world.record = null;
    await stage.converge(2);

    expect(stage.world.record).toMatchObject({ addresses: ['10.0.1.11'], epoch: 2 });
    expect(stage.journal().steps.dns.status).toBe('done');
  });
});

/** The schedule comes, and sees the new holder well. */
async function minute(stage: Stage): Promise<void> {
  await stage.clock.advance(60_000);
  const seen = [...looks('fs-b', 'ok', 'ok', { observedAtMs: stage.clock.wallMs() })];
  for (const each of seen) await stage.store.putObservation(each, stage.clock.wallMs());
  let over = false;
  void onWake(stage.deps, { kind: 'schedule' }).finally(() => (over = true));
  await stage.clock.until(() => over, 300_000, 50);
}

describe('a VIP with nothing but its private name, while Route 53 is away', () => {
  it('stays open, and the old node is stopped and brought back', async () => {
    const stage = await routeAway(withNameOnly);
    const old = stage.world.instances.get('i-a');
    const pending = stage.converge();
    await stage.clock.until(() => old?.state === 'stopping', 30_000);
    if (old !== undefined) old.state = 'stopped';

    expect((await pending).outcome).toBe('open');

    expect(stage.store.vips.get('main')?.status).toBe('moving');
    expect(stage.world.calls).toContain('ec2.start');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });

  it('is paged as not served, and as served when the name is written', async () => {
    const stage = await routeAway(withNameOnly);
    await stage.converge();
    expect(stage.world.pages.map(({ subject }) => subject)).toEqual([expect.stringMatching(/served: NO$/)]);
    expect(stage.world.pages[0]?.body).toMatch(/^Private name: .* let them call 10\.0\.1\.11$/m);

    stage.back();
    expect((await stage.converge(2)).outcome).toBe('done');
    expect(stage.world.pages.at(-1)?.subject).toMatch(/served: YES$/);
  });

  it('is paged as served where the name leads to the new holder already', async () => {
    const stage = await routeAway(withNameOnly);
    nameWrittenFor(stage, 'fs-b');

    await stage.converge();

    expect(stage.world.pages.map(({ subject }) => subject)).toEqual([expect.stringMatching(/served: YES$/)]);
  });

  it.each([
    ['has gone since', (stage) => stage.world.switches.set('fs-b', null)],
    ['cannot be asked any more', (stage) => stage.silence()],
  ] satisfies [string, (stage: Awaited<ReturnType<typeof routeAway>>) => unknown][])(
    'is not paged as served by a node that was promoted, and %s',
    async (_words, befalls) => {
      const stage = await routeAway(withNameOnly);
      nameWrittenFor(stage, 'fs-b');
      const pending = stage.converge();
      await stage.clock.until(() => stage.journal().steps.promote.status === 'done', 30_000);
      befalls(stage);

      await pending;

      expect(stage.world.pages.map(({ subject }) => subject)).toEqual([
        expect.stringMatching(/served: NOT KNOWN YET$/),
      ]);
    },
  );

  it('has its calls counted in time', async () => {
    const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
    const stage = await routeAway({ ...withNameOnly, database });
    stage.world.callsBefore = 3;

    await stage.converge();

    expect(stage.journal().steps.ledger.status).toBe('done');
    expect(stage.journal().calls).toMatchObject({ before: 3, confirmed: 3 });
  });

  it('is never closed as stuck for its name', async () => {
    const stage = await routeAway(withNameOnly);
    await stage.converge();
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);

    await stage.converge(2);

    expect(stage.journal().status).toBe('open');
    expect(stuckAt(stage)).toEqual([expect.stringContaining('main#2 waits at step dns')]);
  });

  it('is closed as stuck where its name is written and the new holder does not serve', async () => {
    const before = (call: string): void => {
      if (call === 'node.check') throw new OutsideTimeout('node-control gave no answer');
    };
    const stage = await decided('conclusive-death', { before }, withNameOnly);
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);

    await stage.converge();

    expect(stage.journal().status).toBe('stuck');
    expect(stuckAt(stage)).toEqual([expect.stringContaining('main#2 waits at step verify')]);
  });
});
