import fc from 'fast-check';
import { isUnsettled } from '../../../lib/operations/observe/observation';
import { topologyOf, ZONES } from '../../support/cluster';
import type { FakeProbe } from '../../support/fake-probe';
import { Rig } from './rig';

const [A, B] = ZONES;

const split = <T>(items: readonly T[], at: number): [T[], T[]] => [items.slice(0, at), items.slice(at)];

describe('what an observer sees in time', () => {
  it('a killed holder: written as refused and silent within 0.5 s, at whatever moment it dies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 999 }), fc.integer(), async (phaseMs, seed) => {
        const rig = new Rig({ seed });
        rig.start(A);
        await rig.clock.advance(7_000 + phaseMs);

        rig.node('fs-a').kill();
        const tookMs = await rig.clock.until(() => rig.seen('fs-a', A)?.esl.verdict === 'refused', 2_000, 1);

        expect(rig.seen('fs-a', A)?.sip['main']?.verdict).toBe('silent');
        expect(tookMs).toBeLessThanOrEqual(500);
      }),
      { numRuns: 40 },
    );
  });

  it('a frozen holder: missed often enough for a suspicion within 2.2 s of the freeze', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 999 }), fc.integer(), async (phaseMs, seed) => {
        const rig = new Rig({ seed });
        rig.start(A);
        await rig.clock.advance(7_000 + phaseMs);

        rig.node('fs-a').condition = 'frozen';
        const suspected = (): boolean =>
          (rig.seen('fs-a', A)?.eslMisses ?? 0) >= 3 && (rig.seen('fs-a', A)?.sipMisses['main'] ?? 0) >= 3;
        const tookMs = await rig.clock.until(suspected, 4_000, 1);

        expect(tookMs).toBeLessThanOrEqual(2_210);
      }),
      { numRuns: 40 },
    );
  });

  it('a SIP stack that resets is stuck only after as many deadlines as misses, not after four quick resets', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_500);

    rig.node('fs-a').condition = 'sip-reset';
    const tookMs = await rig.clock.until(() => (rig.seen('fs-a', A)?.sipMisses['main'] ?? 0) >= 4, 4_000, 1);

    expect(tookMs).toBeGreaterThanOrEqual(3 * rig.topology.policy.probeTimeoutMs);
  });

  it('goes back to the interval once it knows', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(7_000);
    rig.node('fs-a').kill();
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;

    const before = probe.lookedAtMs.length;
    await rig.clock.advance(10_000);

    expect(probe.lookedAtMs.length - before).toBe(10);
  });

  it('looks on a grid that does not drift, once it is warm', async () => {
    const rig = new Rig();
    const observer = rig.start(A);

    await rig.clock.advance(600_000);

    const [cold, looks] = split((observer.probes.get('fs-a') as FakeProbe).lookedAtMs, 4);
    expect(cold).toEqual([0, 400, 800, 1_200]);
    expect(looks).toEqual(looks.map((_, index) => 2_000 + index * 1_000));
    expect(looks.length).toBe(599);
  });

  it('a node that hangs up without end is not looked at without end', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;

    const before = probe.lookedAtMs.length;
    for (let times = 0; times < 1_000; times += 1) {
      rig.node('fs-a').dropConnections();
      await rig.clock.advance(10);
    }

    expect(probe.lookedAtMs.length - before).toBeLessThanOrEqual(10_000 / 400 + 1);
  });

  it('a dead node whose connections close again and again is no news', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    rig.node('fs-b').kill();
    await rig.clock.advance(5_000);
    const probe = observer.probes.get('fs-b') as FakeProbe;

    const before = probe.lookedAtMs.length;
    for (let times = 0; times < 50; times += 1) {
      rig.node('fs-b').dropConnections();
      await rig.clock.advance(100);
    }

    expect(probe.lookedAtMs.length - before).toBe(5);
  });

  it('is dated by the beginning of the look: a change of holder may come in the middle', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').condition = 'frozen';
    await rig.clock.until(() => rig.seen('fs-a', A)?.esl.verdict === 'silent', 2_000, 1);

    const ageMs = rig.clock.wallMs() - (rig.seen('fs-a', A)?.observedAtMs ?? 0);
    expect(ageMs).toBeGreaterThanOrEqual(rig.topology.policy.probeTimeoutMs);
  });

  it('what the zone sees of the database stands beside its looks', async () => {
    const away = { verdict: 'away', detail: 'refused', latencyMs: null } as const;
    const rig = new Rig({ askDatabase: () => Promise.resolve(away) });
    rig.start(A);

    await rig.clock.advance(2_500);

    expect(rig.seen('fs-a', A)?.database).toEqual(away);
  });

  it('a restarted holder: the new core_uuid and the standby are written at once', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(7_300);

    rig.node('fs-a').restart();
    await rig.clock.advance(50);

    expect(rig.seen('fs-a', A)).toMatchObject({ coreUuid: 'fs-a-2', sip: { main: { verdict: 'standby' } } });
  });
});

describe('what an observer writes', () => {
  it('a healthy cluster: one heartbeat per node each 5 s, and no judgement', async () => {
    let writes = 0;
    const rig = new Rig({
      hooks: {
        onCall: (method) => {
          if (method === 'putObservation') writes += 1;
        },
      },
    });
    rig.start(A);

    await rig.clock.advance(60_100);

    expect(writes).toBe(2 * 13);
    expect(rig.evaluations).toBe(0);
  });

  it('each look of all nodes while a holder is unwell, and a judgement after each', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(10_000);
    rig.node('fs-a').kill();
    await rig.clock.advance(5_000);

    const evaluationsBefore = rig.evaluations;
    for (let second = 0; second < 5; second += 1) {
      await rig.clock.advance(1_000);
      for (const nodeId of ['fs-a', 'fs-b']) {
        const ageMs = rig.clock.wallMs() - (rig.seen(nodeId, A)?.observedAtMs ?? 0);
        expect(ageMs).toBeLessThanOrEqual(1_000);
      }
    }
    expect(rig.evaluations - evaluationsBefore).toBe(5);
  });

  it('what could not be written, with the next look', async () => {
    const failedAtMs: number[] = [];
    const writtenAtMs: number[] = [];
    const rig: Rig = new Rig({
      hooks: {
        onCall: (method) => {
          const nowMs = rig.clock.monotonicMs();
          if (method !== 'putObservation' || nowMs < 10_000) return;
          (failedAtMs.length < 2 ? failedAtMs : writtenAtMs).push(nowMs);
          if (writtenAtMs.length === 0) throw new Error('throttled');
        },
      },
    });
    rig.start(A);

    await rig.clock.advance(20_000);

    expect(writtenAtMs[0]).toBe((failedAtMs[0] ?? 0) + 1_000);
  });

  it('its own vote before it asks for a judgement', async () => {
    const seenThen: unknown[] = [];
    const rig: Rig = new Rig({
      hooks: { onCall: (method) => (method === 'putObservation' ? rig.clock.sleep(100) : undefined) },
      evaluate: () => Promise.resolve(void seenThen.push(rig.seen('fs-a', A)?.esl.verdict)),
    });
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').kill();
    await rig.clock.advance(1_000);

    expect(seenThen[0]).toBe('refused');
  });

  it('asks for no further judgement once the VIP has moved: it reads at once what one came to', async () => {
    const rig: Rig = new Rig({
      evaluate: () => {
        const holder = { nodeId: 'fs-b', coreUuid: rig.node('fs-b').coreUuid };
        Object.assign(rig.store.vips.get('main') ?? {}, { holder });
        rig.node('fs-b').condition = 'ok';
        return Promise.resolve();
      },
    });
    rig.start(A);
    await rig.clock.advance(7_000);

    rig.node('fs-a').kill();
    await rig.clock.advance(10_000);

    expect(rig.evaluations).toBeLessThanOrEqual(2);
  });

  it('asks for a judgement while a VIP has no holder', async () => {
    const rig = new Rig();
    Object.assign(rig.store.vips.get('main') ?? {}, { status: 'unassigned', holder: null });
    rig.start(A);

    await rig.clock.advance(3_500);

    expect(rig.evaluations).toBe(6);
  });

  it('never judges twice at once, however long a judgement takes', async () => {
    let running = 0;
    let most = 0;
    const rig: Rig = new Rig({
      evaluate: async () => {
        running += 1;
        most = Math.max(most, running);
        await rig.clock.sleep(3_300);
        running -= 1;
      },
    });
    const observer = rig.start(A);
    await rig.clock.advance(2_000);
    rig.node('fs-a').kill();

    await rig.clock.advance(20_000);

    expect(most).toBe(1);
    expect(rig.evaluations).toBeGreaterThan(4);
    const looks = (observer.probes.get('fs-a') as FakeProbe).lookedAtMs;
    expect(Math.max(...looks.slice(1).map((at, index) => at - (looks[index] ?? 0)))).toBeLessThanOrEqual(1_000);
  });
});

describe('when the store is slow or away', () => {
  it('goes on looking at its pace, and writes the newest look when the store is back', async () => {
    let away = false;
    const rig: Rig = new Rig({
      hooks: {
        onCall: async () => {
          if (!away) return;
          await rig.clock.sleep(4_000);
          throw new Error('the store does not answer');
        },
      },
    });
    const observer = rig.start(A);
    await rig.clock.advance(10_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;
    const before = probe.lookedAtMs.length;

    away = true;
    await rig.clock.advance(60_000);
    expect(probe.lookedAtMs.length - before).toBe(60);
    expect(observer.ended).toBeNull();

    away = false;
    await rig.clock.advance(6_000);
    expect(rig.clock.wallMs() - (rig.seen('fs-a', A)?.observedAtMs ?? 0)).toBeLessThanOrEqual(5_000);
    expect(rig.count('ObservationWriteErrors')).toBeGreaterThan(0);
  });
});

describe('when the trouble is the observer’s own', () => {
  it('is blind when nothing answers, says so, and counts no misses while it is', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);

    for (const probe of observer.probes.values()) probe.cut = true;
    await rig.clock.advance(3_000);

    expect(rig.seen('fs-a', A)).toMatchObject({ blind: true, eslMisses: 0, sipMisses: { main: 0 } });
    expect(rig.count('ObserverBlind')).toBeGreaterThan(0);
  });

  it('does not bring the misses of its blindness along when it sees again', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    for (const probe of observer.probes.values()) probe.cut = true;
    await rig.clock.advance(30_000);

    (observer.probes.get('fs-b') as FakeProbe).cut = false;
    const missedMs = await rig.clock.until(() => (rig.seen('fs-a', A)?.eslMisses ?? 0) >= 3, 5_000, 10);

    expect(rig.seen('fs-a', A)?.blind).toBe(false);
    expect(missedMs).toBeGreaterThanOrEqual(800);
  });

  it('has no vote for a while after it saw nothing, says why, and then has one again', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    for (const probe of observer.probes.values()) probe.cut = true;
    await rig.clock.advance(3_000);
    expect(rig.seen('fs-b', A)?.mutedWhy).toContain('blind: ');

    for (const probe of observer.probes.values()) probe.cut = false;
    await rig.clock.until(() => rig.seen('fs-b', A)?.blind === false, 2_000);
    expect(rig.seen('fs-b', A)).toMatchObject({ muted: true, mutedWhy: expect.stringContaining('blind a moment ago') });
    const mutedForMs = await rig.clock.until(() => rig.seen('fs-b', A)?.muted === false, 5_000);

    expect(mutedForMs).toBeGreaterThanOrEqual(2_400);
    expect(rig.seen('fs-b', A)?.mutedWhy).toBeNull();
  });

  it('has a vote within a second of its start, and none before it has looked twice', async () => {
    const rig = new Rig({ policy: { probeIntervalMs: 5_000 } });
    rig.start(A);

    await rig.clock.advance(100);
    expect(rig.seen('fs-a', A)).toMatchObject({ muted: true, mutedWhy: 'cold start: look 1 of 2' });
    await rig.clock.advance(650);
    expect(rig.seen('fs-a', A)?.muted).toBe(true);
    await rig.clock.advance(250);

    expect(rig.seen('fs-a', A)).toMatchObject({ muted: false, mutedWhy: null });
  });

  it('is not blind when a control target answers: then all nodes are silent indeed', async () => {
    const rig = new Rig();
    rig.controlTargetAnswers = true;
    const observer = rig.start(A);
    await rig.clock.advance(5_000);
    expect(rig.controlTargetTries).toBe(0);

    for (const probe of observer.probes.values()) probe.cut = true;
    await rig.clock.advance(3_000);

    expect(rig.seen('fs-a', A)).toMatchObject({ blind: false });
    expect(rig.seen('fs-a', A)?.eslMisses).toBeGreaterThanOrEqual(3);
    expect(rig.controlTargetTries).toBeGreaterThan(0);
  });

  it('holds its tongue for one window after it was frozen', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(5_500);

    rig.clock.freeze(60_000);
    await rig.clock.advance(1_000);
    expect(rig.seen('fs-a', A)).toMatchObject({ muted: true, mutedWhy: expect.stringContaining('stood still for') });

    await rig.clock.advance(rig.topology.policy.freshForMs + 5_000);
    expect(rig.seen('fs-a', A)?.muted).toBe(false);
  });

  /** The process gets no time from the first moment of a look on, for so long: the answers lie there unread. */
  async function starved(rig: Rig, forMs: number): Promise<void> {
    const observer = rig.start(A);
    await rig.clock.advance(5_500);
    const probe = observer.probes.get('fs-a') as FakeProbe;
    const looks = probe.lookedAtMs.length;
    probe.cut = true;
    await rig.clock.until(() => probe.lookedAtMs.length > looks, 2_000);
    rig.clock.freeze(forMs);
    // One look only: the next one is in time, and heard again.
    await rig.clock.advance(1);
    probe.cut = false;
  }

  it('counts no silence of a look that it was too starved to end in time, and has no vote with it', async () => {
    const rig = new Rig();
    await starved(rig, 1_500);

    expect(rig.seen('fs-a', A)).toMatchObject({
      eslHistory: 0,
      eslMisses: 0,
      muted: true,
      mutedWhy: expect.stringContaining('late'),
    });
    await rig.clock.advance(1_500);
    expect(rig.seen('fs-a', A)).toMatchObject({ eslHistory: 0, muted: false });
  });

  it('counts the silence of one that ended within its grace', async () => {
    const rig = new Rig();
    await starved(rig, rig.topology.policy.probeTimeoutMs + 400);

    expect(rig.seen('fs-a', A)).toMatchObject({ eslHistory: 1, eslMisses: 1, muted: false });
  });

  it('holds its tongue when its wall clock is set', async () => {
    const rig = new Rig();
    rig.start(A);
    await rig.clock.advance(5_500);

    rig.clock.stepWall(30_000);
    await rig.clock.advance(1_000);
    expect(rig.seen('fs-a', A)?.muted).toBe(true);

    await rig.clock.advance(rig.topology.policy.freshForMs + 5_000);
    expect(rig.seen('fs-a', A)?.muted).toBe(false);
  });

  it('counts no silence of a look in which its clock was set', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(5_500);

    (observer.probes.get('fs-a') as FakeProbe).cut = true;
    rig.clock.stepWall(30_000);
    await rig.clock.until(() => rig.seen('fs-a', A)?.esl.verdict === 'silent', 2_000);

    expect(rig.seen('fs-a', A)).toMatchObject({ muted: true, eslHistory: 0, eslMisses: 0 });
  });

  it('has no vote for one window after it stood still in the middle of a look', async () => {
    const rig = new Rig();
    await starved(rig, 6_000);
    expect(rig.seen('fs-a', A)).toMatchObject({ muted: true, mutedWhy: expect.stringContaining('stood still for') });

    await rig.clock.advance(3_000);

    expect(rig.seen('fs-a', A)).toMatchObject({ muted: true, mutedWhy: expect.stringContaining('stood still for') });
  });

  it('a look that breaks is told, and the next one comes', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(2_000);
    const probe = observer.probes.get('fs-a') as FakeProbe;
    const look = probe.probe.bind(probe);

    probe.probe = () => Promise.reject(new Error('a bug'));
    await rig.clock.advance(3_000);
    probe.probe = () => new Promise(() => undefined);
    await rig.clock.advance(3_000);
    expect(rig.seen('fs-a', A)?.eslMisses).toBe(0);
    expect(rig.seen('fs-b', A)?.observedAtMs).toBeGreaterThan(rig.clock.wallMs() - 5_000);

    probe.probe = look;
    await rig.clock.advance(12_000);
    expect(rig.seen('fs-a', A)?.observedAtMs).toBeGreaterThan(rig.clock.wallMs() - 5_001);
    expect(rig.told.join()).toContain('the probe of fs-a failed by itself');
    expect(observer.ended).toBeNull();
  });
});

describe('coming and going', () => {
  it('a challenger leaves at once while the incumbent is alive, young and current', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A);
    await rig.clock.advance(60_000);

    const challenger = rig.start(A);
    await rig.clock.advance(10);

    expect(challenger.ended).toMatchObject({ outcome: 'left' });
    expect(rig.store.leases.get(A)?.owner).toBe(incumbent.owner);
  });

  it('a challenger leaves a zone that has no observer by the topology', async () => {
    const rig = new Rig();
    rig.register({ ...rig.topology, observers: [A] });

    const challenger = rig.start(B);
    await rig.clock.advance(10);

    expect(challenger.ended).toMatchObject({ outcome: 'left', reason: `${B} has no observer` });
    expect(rig.store.leases.has(B)).toBe(false);
  });

  it('ends with its lifetime: probes closed, lease released, nothing left asleep', async () => {
    const rig = new Rig();
    const observer = rig.start(A, { lifetimeMs: 20_000 });

    await rig.clock.advance(21_000);

    expect(observer.ended).toMatchObject({ outcome: 'watched', ended: 'lifetime' });
    expect([...observer.probes.values()].every((probe) => probe.closed)).toBe(true);
    expect(rig.store.leases.get(A)?.untilMs).toBeLessThanOrEqual(rig.clock.wallMs());
    expect(rig.clock.asleep).toBe(0);
  });

  it('a dead incumbent is replaced as soon as its lease has run out', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A);
    await rig.clock.advance(60_500);
    incumbent.crash();
    await rig.clock.advance(4_000);

    const challenger = rig.start(A);
    await rig.clock.advance(6_000);

    expect(challenger.ended).toBeNull();
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);
  });

  it('a challenger of the registered version relieves the incumbent, who watches until it sees that', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A, { version: 'v1' });
    await rig.clock.advance(30_000);
    rig.register({ ...rig.topology, version: 'v2' });

    const challenger = rig.start(A, { version: 'v2' });
    await rig.clock.advance(10);
    expect(incumbent.ended).toBeNull();
    await rig.clock.advance(2_500);

    expect(incumbent.ended).toMatchObject({ ended: 'relieved' });
    expect(challenger.ended).toBeNull();
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);
  });

  it('a hand-over in the middle of an outage goes on counting', async () => {
    const rig = new Rig();
    rig.start(A, { version: 'v0' });
    await rig.clock.advance(10_000);
    rig.node('fs-a').condition = 'frozen';
    await rig.clock.advance(10_000);
    const since = rig.seen('fs-a', A)?.eslMissingSinceMs;
    const misses = rig.seen('fs-a', A)?.eslMisses ?? 0;

    rig.start(A, { version: 'v1' });
    await rig.clock.advance(3_000);

    expect(rig.seen('fs-a', A)?.eslMissingSinceMs).toBe(since);
    expect(rig.seen('fs-a', A)?.eslMisses).toBeGreaterThan(misses);
    expect(rig.seen('fs-a', A)?.eslHistory.toString(2).slice(-misses)).toBe('1'.repeat(misses));
    expect(rig.seen('fs-a', A)?.muted).toBe(false);
  });

  it('follows a new topology without ending: new nodes are looked at, removed ones are let go', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(10_000);

    rig.register({ ...topologyOf(3), nodes: topologyOf(3).nodes.filter((node) => node.id !== 'fs-b'), version: 'v2' });
    await rig.clock.advance(7_000);

    expect(rig.seen('fs-c', A)?.topologyVersion).toBe('v2');
    expect(observer.probes.get('fs-b')?.closed).toBe(true);
    expect(observer.ended).toBeNull();
  });

  it('follows a node that has other addresses with a probe of its own', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(10_000);
    const before = observer.probes.get('fs-b');

    const nodes = rig.topology.nodes.map((node) =>
      node.id === 'fs-b' ? { ...node, managementAddress: '10.0.1.99' } : node,
    );
    rig.register({ ...rig.topology, nodes, version: 'v2' });
    await rig.clock.advance(7_000);

    expect(before?.closed).toBe(true);
    expect(observer.probes.get('fs-b')).toMatchObject({ closed: false });
  });

  it('does not take over what another zone had missed', async () => {
    const rig = new Rig();
    const other = rig.start(B);
    await rig.clock.advance(5_000);
    (other.probes.get('fs-a') as FakeProbe).cut = true;
    await rig.clock.advance(10_000);

    rig.start(A);
    await rig.clock.advance(10);

    expect(rig.seen('fs-a', B)?.eslHistory).toBeGreaterThan(0);
    expect(rig.seen('fs-a', A)?.eslHistory).toBe(0);
  });

  it('ends when its zone has no observer any more', async () => {
    const rig = new Rig();
    const observer = rig.start(B);
    await rig.clock.advance(10_000);

    rig.register({ ...rig.topology, observers: [A] });
    await rig.clock.advance(7_000);

    expect(observer.ended).toMatchObject({ ended: 'zone-removed' });
  });

  it('leaves when nothing is registered, and waits at the door while the store is away', async () => {
    let away = true;
    const rig = new Rig({
      hooks: {
        onCall: () => {
          if (away) throw new Error('away');
        },
      },
    });
    const challenger = rig.start(A);
    await rig.clock.advance(30_000);
    expect(challenger.ended).toBeNull();

    away = false;
    await rig.clock.advance(2_500);
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);

    rig.store.topology = null;
    const other = rig.start(B, { version: 'v1' });
    await rig.clock.advance(10);
    expect(other.ended).toMatchObject({ outcome: 'left', reason: expect.stringContaining('NotRegistered') });
  });

  it('gives up when the next challenger is due', async () => {
    const rig = new Rig({
      hooks: {
        onCall: () => {
          throw new Error('away');
        },
      },
    });
    const challenger = rig.start(A);

    await rig.clock.advance(62_000);

    expect(challenger.ended).toMatchObject({ outcome: 'left' });
  });
});

describe('the same seed', () => {
  it('gives the same run', async () => {
    const run = async (seed: number): Promise<string> => {
      const rig = new Rig({ seed });
      for (const zone of ZONES) rig.start(zone);
      await rig.clock.advance(5_000);
      rig.node('fs-a').kill();
      await rig.clock.advance(3_000);
      return JSON.stringify([[...rig.store.observations], rig.counted, rig.told]);
    };

    expect(await run(7)).toBe(await run(7));
  });
});

it('an observation with fewer misses than the policy asks for is unsettled', async () => {
  const rig = new Rig();
  rig.start(A);
  await rig.clock.advance(5_000);
  rig.node('fs-a').condition = 'frozen';
  await rig.clock.until(() => rig.seen('fs-a', A)?.eslMisses === 1, 2_000);

  const seen = rig.seen('fs-a', A);
  expect(seen !== undefined && isUnsettled(seen, rig.topology.policy)).toBe(true);
});
