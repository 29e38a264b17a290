import { OutsideTimeout } from '../../lib/domain/errors';
import type { ConvergeDeps } from '../../lib/operations/converge/context';
import type { Transition } from '../../lib/domain/model';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { onWake } from '../../lib/operations/converge-cluster';
import { looks, topologyOf } from '../support/cluster';
import { FakeWorld, silentLog } from '../support/fake-world';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

/** fs-a holds `main`; what the observers see is up to each specification. */
async function stage() {
  const topology = topologyOf(2);
  const [holder] = topology.nodes;
  if (holder === undefined) throw new Error('no nodes');
  const clock = new VirtualClock();
  const store = new MemoryStateStore();
  const world = new FakeWorld(topology.nodes, holder);
  await store.putTopology(topology);
  await store.ensureItems(topology, { paused: false, reason: null, epochs: { main: 1 }, atMs: 0 });
  Object.assign(store.vips.get('main') ?? {}, { status: 'held', holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } });
  store.nodes.get('fs-a')?.claims.push('main');
  const deps: ConvergeDeps = {
    store,
    elasticIps: world.elasticIps,
    dns: world.dns,
    instances: world.ec2,
    nodeControl: world.nodeControl,
    pager: world.pager,
    clock,
    random: seededRandom(7),
    metrics: world.metricsPort,
    log: silentLog,
    runbookUrl: 'https://r',
    table: 'T',
  };
  const see = async (...seen: Parameters<typeof looks>): Promise<void> => {
    const [node, eslVerdict, sipVerdict] = seen;
    for (const each of looks(node, eslVerdict, sipVerdict, { observedAtMs: clock.wallMs() }))
      await store.putObservation(each, clock.wallMs());
  };
  const tick = async (): Promise<void> => {
    let over = false;
    void onWake(deps, { kind: 'schedule' }).finally(() => (over = true));
    await clock.until(() => over, 300_000, 50);
  };
  const zoneFailed = async (): Promise<void> => {
    const whose = { kind: 'zone-failure', vipId: null, nodeId: null, epoch: null } as const;
    await store.raiseIncident({ ...whose, reasons: ['zone us-east-1a failed'], atMs: clock.wallMs(), notifiedAtMs: 1 });
  };
  return { clock, store, world, deps, see, tick, zoneFailed };
}

describe('the one-minute schedule', () => {
  it('decides and converges by itself when every stream record was lost', async () => {
    const { store, world, see, tick } = await stage();
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'ok', 'standby');
    await tick();
    expect(store.vips.get('main')).toMatchObject({ epoch: 2, status: 'held', holder: { nodeId: 'fs-b' } });
    expect(world.pages).toHaveLength(1);
  });

  it('takes the failure of a zone for over once its nodes answer, and every VIP that nobody paused is well', async () => {
    const { clock, store, see, tick, zoneFailed } = await stage();
    await store.setPaused({ kind: 'vip', id: 'main' }, true, 'a long job');
    await zoneFailed();
    const [, ...others] = looks('fs-a', 'silent', 'silent', { observedAtMs: clock.wallMs() });
    for (const each of others) await store.putObservation(each, clock.wallMs());

    await tick();
    expect([...store.incidents.keys()]).toContain('zone-failure#cluster');

    await see('fs-a', 'ok', 'ok');
    await tick();
    expect([...store.incidents.keys()]).not.toContain('zone-failure#cluster');
  });

  it('does not take it for over while a VIP is not well: a zone that comes and goes is one event', async () => {
    const { store, see, tick, zoneFailed } = await stage();
    await zoneFailed();
    await see('fs-a', 'paused', 'busy');

    await tick();

    expect([...store.incidents.keys()]).toContain('zone-failure#cluster');
  });

  it('with no standby fit tears nothing down, pages once, and takes the first node that becomes fit', async () => {
    const { clock, store, world, see, tick } = await stage();
    const before = world.association;
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'refused', 'silent');
    await tick();
    await clock.advance(1_000);
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'refused', 'silent');
    await tick();
    expect(world.association).toEqual(before);
    expect(store.vips.get('main')).toMatchObject({ epoch: 1, holder: { nodeId: 'fs-a' } });
    expect(world.pages.map((page) => page.subject)).toEqual(['pbx no-candidate: main']);

    await clock.advance(1_000);
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'ok', 'standby');
    await tick();
    expect(store.vips.get('main')).toMatchObject({ epoch: 2, holder: { nodeId: 'fs-b' } });
  });

  it('tells the same incident anew after the VIP was well in between', async () => {
    const { clock, world, see, tick } = await stage();
    const dead = async (): Promise<void> => {
      await clock.advance(1_000);
      await see('fs-a', 'refused', 'silent');
      await see('fs-b', 'refused', 'silent');
      await tick();
    };
    await dead();
    await clock.advance(1_000);
    await see('fs-a', 'ok', 'ok');
    await tick();
    await dead();
    expect(world.pages).toHaveLength(2);
  });

  it('pages once for a holder whose clock is ahead, and anew after it was right', async () => {
    const { clock, store, world, see, tick } = await stage();
    const tickWithClock = async (clockOffsetMs: number): Promise<void> => {
      await clock.advance(1_000);
      await see('fs-a', 'ok', 'ok');
      await see('fs-b', 'ok', 'standby');
      for (const each of store.observations.values())
        if (each.nodeId === 'fs-a') each.esl.clockOffsetMs = clockOffsetMs;
      await tick();
    };
    await tickWithClock(9_000);
    await tickWithClock(9_000);
    expect(world.pages.map((page) => page.subject)).toEqual(['pbx clock-ahead: fs-a']);

    await tickWithClock(0);
    await tickWithClock(9_000);
    expect(world.pages).toHaveLength(2);
  });

  it('pages once for a node that answers for a VIP of another, and anew after it was in standby while all was well', async () => {
    const { clock, store, world, see, tick } = await stage();
    const topology = await store.readTopology();
    const nodes = topology.nodes.map((node) => ({ ...node, fingerprint: 'made by the deployment' }));
    store.topology = { ...topology, nodes };
    const tickWith = async (holder: 'ok' | 'silent', other: 'ok' | 'standby'): Promise<void> => {
      await clock.advance(100_000);
      await see('fs-a', holder, 'ok');
      await see('fs-b', 'ok', other);
      await tick();
    };
    await tickWith('ok', 'ok');
    await tickWith('silent', 'ok');
    await tickWith('ok', 'ok');
    expect(world.pages.map((page) => page.subject)).toEqual(['pbx second-server: fs-b']);

    await tickWith('silent', 'standby');
    expect([...store.incidents.keys()].filter((key) => key.startsWith('second-server'))).toHaveLength(1);

    await tickWith('ok', 'standby');
    await tickWith('ok', 'ok');
    expect(world.pages).toHaveLength(2);
  });

  it('does not tell a clock again because the holder was not well for a look', async () => {
    const { clock, store, world, see, tick } = await stage();
    const tickAfter = async (eslOfHolder: 'ok' | 'silent'): Promise<void> => {
      await clock.advance(1_000);
      await see('fs-a', eslOfHolder, 'ok');
      await see('fs-b', 'ok', 'standby');
      for (const each of store.observations.values()) if (each.nodeId === 'fs-a') each.esl.clockOffsetMs = 9_000;
      await tick();
    };
    await tickAfter('ok');
    await tickAfter('silent');
    await tickAfter('ok');

    expect(world.pages.map((page) => page.subject)).toEqual(['pbx clock-ahead: fs-a']);
  });

  it('tells loss that wavers once, and other incidents anew meanwhile', async () => {
    const { clock, store, world, see, tick } = await stage();
    // Newest is the lowest bit: heavy is 12 misses in four silences, light is three in two.
    const [heavy, light] = [0b111_0111_0111_0111, 0b1100_0010_0000];
    const tickAfterLoss = async (history: number): Promise<void> => {
      await clock.advance(60_000);
      await see('fs-a', 'ok', 'ok');
      await see('fs-b', 'ok', 'standby');
      for (const each of store.observations.values()) if (each.nodeId === 'fs-a') each.eslHistory = history;
      await tick();
    };
    const noStandby = async (): Promise<void> => {
      await clock.advance(60_000);
      await see('fs-a', 'refused', 'silent');
      await see('fs-b', 'refused', 'silent');
      await tick();
    };
    await tickAfterLoss(heavy);
    await tickAfterLoss(light);
    await tickAfterLoss(heavy);
    expect(world.pages.map((page) => page.subject)).toEqual(['pbx gray-failure: main']);

    await noStandby();
    await tickAfterLoss(light);
    await noStandby();
    expect(world.pages.map((page) => page.subject).slice(1)).toEqual([
      'pbx no-candidate: main',
      'pbx no-candidate: main',
    ]);

    await tickAfterLoss(0);
    await tickAfterLoss(heavy);
    expect(world.pages.map((page) => page.subject).slice(3)).toEqual(['pbx gray-failure: main']);
  });

  it('a page that could not be sent is sent at the next tick', async () => {
    const { store, world, deps, see, tick } = await stage();
    const page = deps.pager.page.bind(deps.pager);
    deps.pager = { page: () => Promise.reject(new OutsideTimeout('SNS gave no answer')) };
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'refused', 'silent');
    await tick();
    expect(world.pages).toEqual([]);
    expect(await store.listUnnotifiedIncidents()).toHaveLength(1);
    deps.pager = { page };
    await tick();
    expect(world.pages).toHaveLength(1);
  });

  describe('an incident that is over before it could be told', () => {
    async function untold() {
      const scene = await stage();
      const { clock, deps, see, tick } = scene;
      const { page } = deps.pager;
      deps.pager = { page: () => Promise.reject(new OutsideTimeout('SNS gave no answer')) };
      await see('fs-a', 'refused', 'silent');
      await see('fs-b', 'refused', 'silent');
      await tick();
      await clock.advance(60_000);
      await see('fs-a', 'ok', 'ok');
      await tick();
      return { ...scene, snsIsBack: () => void (deps.pager = { page }) };
    }

    it('is told when the pager is back, as over, and once', async () => {
      const { clock, store, world, see, tick, snsIsBack } = await untold();
      expect(world.pages).toEqual([]);

      snsIsBack();
      for (let minute = 1; minute <= 3; minute += 1) {
        await clock.advance(60_000);
        await see('fs-a', 'ok', 'ok');
        await tick();
      }

      expect(world.pages.map(({ subject }) => subject)).toEqual(['pbx OVER, told late: no-candidate: main']);
      expect(store.incidents.size).toBe(0);
    });

    it('is not told by the stream as well: the schedule that finds it over tells it', async () => {
      const { world, deps, snsIsBack } = await untold();
      snsIsBack();

      await onWake(deps, { kind: 'incident' });

      expect(world.pages).toEqual([]);
    });

    it('is told as lasting where it is there again', async () => {
      const { clock, world, see, tick, snsIsBack } = await untold();
      snsIsBack();
      await clock.advance(1_000);
      await see('fs-a', 'refused', 'silent');
      await see('fs-b', 'refused', 'silent');
      await tick();

      expect(world.pages.map(({ subject }) => subject)).toEqual(['pbx no-candidate: main']);
      expect(world.pages[0]?.body).toContain('Before that:');
    });

    it('is forgotten after a day in which nobody could be told, and the log says so', async () => {
      const { clock, store, world, deps, see, tick, snsIsBack } = await untold();
      const errors: string[] = [];
      deps.log = { ...silentLog, error: (message) => void errors.push(message) };

      await clock.advance(24 * 3_600_000 - 60_000);
      await see('fs-a', 'ok', 'ok');
      await tick();
      expect(await store.listUnnotifiedIncidents()).toHaveLength(1);
      await clock.advance(120_000);
      await see('fs-a', 'ok', 'ok');
      snsIsBack();
      await tick();

      expect(await store.listUnnotifiedIncidents()).toEqual([]);
      expect(world.pages).toEqual([]);
      expect(errors.join()).toContain('nobody could be told of incident no-candidate');
    });
  });

  it('a store that is away decides nothing and throws nothing', async () => {
    const { store, world, see, tick } = await stage();
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'ok', 'standby');
    store.hooks.onCall = () => {
      throw new OutsideTimeout('DynamoDB gave no answer');
    };
    await expect(tick()).resolves.toBeUndefined();
    expect(world.calls).toEqual([]);
  });
});

describe('drift: a healthy cluster whose address or name points elsewhere', () => {
  async function settled() {
    const scene = await stage();
    await scene.see('fs-a', 'refused', 'silent');
    await scene.see('fs-b', 'ok', 'standby');
    await scene.tick();
    await scene.clock.advance(1_000);
    await scene.see('fs-b', 'ok', 'ok');
    return scene;
  }
  const elsewhere = {
    associationId: 'eipassoc-hand',
    networkInterfaceId: 'eni-a',
    privateAddress: '10.0.0.11',
    instanceId: 'i-a',
  };

  it('an address that somebody moved by hand is put back, and written down', async () => {
    const { store, world, tick } = await settled();
    world.association = elsewhere;
    await tick();
    expect(world.association).toMatchObject({ networkInterfaceId: 'eni-b' });
    expect(store.audits.map((each) => each.action)).toContain('drift');
  });

  it.each<[string, Partial<Transition>]>([
    ['whose change is stuck: a human looks first', { status: 'stuck' }],
    ['that somebody else is about to put back', { lease: { owner: 'another', untilMs: Infinity } }],
  ])('is not put back at a cluster %s', async (_words, change) => {
    const { store, world, tick } = await settled();
    const journal = store.transitions.get('main#2');
    if (journal === undefined) throw new Error('no journal');
    Object.assign(journal, change);
    world.association = elsewhere;

    await tick();

    expect(world.association).toEqual(elsewhere);
  });

  it('so is a name', async () => {
    const { world, tick } = await settled();
    world.record = { addresses: ['10.0.0.11'], ttlS: 5, epoch: 1, owner: 'pbx/test' };
    await tick();
    expect(world.record).toMatchObject({ addresses: ['10.0.1.11'], epoch: 2 });
  });

  it.each([
    ['dead, and its second failover waits for a human', 'refused', 'silent'],
    ['dead to a majority, of which one does not agree yet', 'silent', 'silent'],
  ] as const)('callers are not led back to a holder that is %s', async (_words, esl, sip) => {
    const { clock, store, world, see, tick } = await settled();
    await clock.advance(1_000);
    await see('fs-b', esl, sip);
    await see('fs-a', 'ok', 'standby');
    if (esl === 'silent')
      await store.putObservation(looks('fs-b', 'ok', 'ok', { observedAtMs: clock.wallMs() })[2]!, clock.wallMs());
    world.association = elsewhere;

    await tick();

    expect(store.vips.get('main')).toMatchObject({ status: 'held', holder: { nodeId: 'fs-b' } });
    expect(world.association).toEqual(elsewhere);
    expect(store.audits.map((each) => each.action)).not.toContain('drift');
  });

  it('callers are led back to a holder of which SIP alone is silent: it takes calls while its database hangs', async () => {
    const { clock, world, see, tick } = await settled();
    await clock.advance(1_000);
    await see('fs-b', 'ok', 'silent');
    await see('fs-a', 'refused', 'silent');
    world.association = elsewhere;

    await tick();

    expect(world.association).toMatchObject({ networkInterfaceId: 'eni-b' });
  });

  it('a paused cluster is left as it is', async () => {
    const { store, world, tick } = await settled();
    await store.setPaused({ kind: 'cluster' }, true, 'a human works on it');
    world.association = elsewhere;
    await tick();
    expect(world.association).toEqual(elsewhere);
  });

  it('nothing is touched where nothing drifted', async () => {
    const { world, tick } = await settled();
    const before = world.calls.length;
    await tick();
    expect(world.calls.slice(before).filter((call) => !/read|describe|check/.test(call))).toEqual([]);
  });
});

describe('a stream record', () => {
  it('converges exactly the journal it names', async () => {
    const { clock, store, deps, see } = await stage();
    await see('fs-a', 'refused', 'silent');
    await see('fs-b', 'ok', 'standby');
    await evaluateCluster({ ...deps, actor: 'observer/a' });
    let over = false;
    void onWake(deps, { kind: 'journal', vipId: 'main', epoch: 2 }).finally(() => (over = true));
    await clock.until(() => over, 60_000);
    expect(store.transitions.get('main#2')?.status).toBe('done');
  });

  it('of a journal that is gone is no error: the item is what counts, not the event', async () => {
    const { deps, world } = await stage();
    await expect(onWake(deps, { kind: 'journal', vipId: 'main', epoch: 99 })).resolves.toBeUndefined();
    expect(world.calls).toEqual([]);
  });
});

describe('incidents', () => {
  it('are told one by one: a page that cannot be sent holds no other back, and is tried again', async () => {
    const { store, world, deps } = await stage();
    const about = { nodeId: null, epoch: 1, reasons: ['it is so'], atMs: 1, notifiedAtMs: null } as const;
    await store.raiseIncident({ ...about, reasons: [...about.reasons], kind: 'blocked', vipId: 'main' });
    await store.raiseIncident({ ...about, reasons: [...about.reasons], kind: 'overload', vipId: 'main' });
    const { page } = deps.pager;
    deps.pager = {
      page: (message) =>
        message.attributes['kind'] === 'blocked' ? Promise.reject(new OutsideTimeout('SNS is away')) : page(message),
    };

    await expect(onWake(deps, { kind: 'incident' })).rejects.toThrow('SNS is away');

    expect(world.pages.map(({ subject }) => subject)).toEqual(['pbx overload: main']);
    expect((await store.listUnnotifiedIncidents()).map(({ kind }) => kind)).toEqual(['blocked']);
  });
});
