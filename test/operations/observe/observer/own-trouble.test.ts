import { ZONES } from '../../../support/cluster';
import type { FakeProbe } from '../../../support/fake-probe';
import { Rig } from '../rig';

const [A] = ZONES;

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
