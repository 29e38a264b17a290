/** What one observer sees of a simulated node. */
import type { SimProbe } from '../../../lib/simulation/freeswitch/probe';
import { MAIN, PROBE_TIMEOUT_MS, Rig } from './rig';

async function watched() {
  const rig = await new Rig().inService(3);
  const probe = rig.probe(rig.a);
  const losses: number[] = [];
  probe.onConnectionLost(() => losses.push(rig.kernel.nowMs));
  await rig.look(probe);
  return { rig, probe, losses };
}

async function timed(rig: Rig, probe: SimProbe) {
  const begunMs = rig.kernel.nowMs;
  const look = await rig.look(probe);
  return { look, tookMs: rig.kernel.nowMs - begunMs, verdicts: [look.esl.verdict, look.sip[MAIN]?.verdict] };
}

describe('a look at a healthy node', () => {
  it('takes a few milliseconds and one instant, and tells incarnation, sessions and clock', async () => {
    const { rig, probe } = await watched();
    rig.a.setClockOffset(-1_500);
    const instants = rig.kernel.instants;
    const { look, tookMs } = await timed(rig, probe);
    expect(rig.kernel.instants - instants).toBe(1);
    expect(tookMs).toBeGreaterThanOrEqual(2);
    expect(tookMs).toBeLessThanOrEqual(6);
    expect(look).toEqual({
      esl: {
        ...{ verdict: 'ok', detail: 'answers status', latencyMs: tookMs },
        ...{ coreUuid: 'fs-a:1', sessions: 6, clockOffsetMs: -1_500, shutdownPending: false },
      },
      sip: { [MAIN]: { verdict: 'ok', detail: '200 OK', latencyMs: tookMs } },
    });
  });

  it('measures the node’s clock against the observer’s own', async () => {
    const rig = await new Rig().inService(0);
    const process = rig.process();
    process.wallOffsetMs = 400;
    const probe = rig.probe(rig.a, process);
    for (let times = 0; times < 20; times += 1) expect((await rig.look(probe)).esl.clockOffsetMs).toBe(-400);
    process.wallOffsetMs = 0;
    for (let times = 0; times < 20; times += 1) expect((await rig.look(probe)).esl.clockOffsetMs).toBe(0);
  });

  it('shares its evidence, frozen, until something of the node changes', async () => {
    const { rig, probe } = await watched();
    const looks = new Set<object>();
    for (let times = 0; times < 100; times += 1) looks.add(await rig.look(probe));
    expect(looks.size).toBeLessThanOrEqual(5);
    for (const look of looks) expect(Object.isFrozen(look)).toBe(true);
    rig.a.establish(MAIN, 4);
    expect(looks.has(await rig.look(probe))).toBe(false);
  });

  it('is one while another one runs', async () => {
    const { rig, probe } = await watched();
    expect(await rig.end(Promise.all([probe.probe(500), probe.probe(500)]))).toHaveLength(2);
    const [one, other] = await rig.end(Promise.all([probe.probe(500), probe.probe(500)]));
    expect(one).toBe(other);
  });
});

describe('a look at a node in trouble', () => {
  it.each([
    ['frozen', (rig: Rig) => rig.a.freeze(), ['silent', 'silent']],
    ['off', (rig: Rig) => rig.a.hostDown(), ['silent', 'silent']],
    ['cut off', (rig: Rig) => void rig.cut.add('fs-a'), ['silent', 'silent']],
    ['heard of by nobody', (rig: Rig) => void rig.mute.add('fs-a'), ['silent', 'silent']],
    ['further away than the deadline', (rig: Rig) => void (rig.delayMs = 600), ['silent', 'silent']],
    ['behind a burst of loss', (rig: Rig) => void (rig.losing = 'all'), ['silent', 'silent']],
    ['behind a burst that takes datagrams alone', (rig: Rig) => void (rig.losing = 'datagrams'), ['ok', 'silent']],
    ['stuck in SIP', (rig: Rig) => rig.a.stickSip(), ['ok', 'silent']],
  ])('that is %s takes the whole deadline', async (_, befall, verdicts) => {
    const { rig, probe, losses } = await watched();
    befall(rig);
    const seen = await timed(rig, probe);
    expect(seen).toMatchObject({ tookMs: PROBE_TIMEOUT_MS, verdicts });
    expect(losses).toEqual([]);
  });

  it('that is far away is answered late', async () => {
    const { rig, probe } = await watched();
    rig.delayMs = 300;
    const { look, tookMs, verdicts } = await timed(rig, probe);
    expect(verdicts).toEqual(['ok', 'ok']);
    expect([look.esl.latencyMs, look.sip[MAIN]?.latencyMs]).toEqual([tookMs, tookMs]);
    expect(tookMs).toBeGreaterThanOrEqual(302);
  });

  it.each([
    ['paused', (rig: Rig) => rig.a.setPaused(true), ['paused', 'busy']],
    ['full', (rig: Rig) => rig.a.setBusy(true), ['ok', 'busy']],
    ['in standby', (rig: Rig) => rig.a.fallIntoStandby(MAIN), ['ok', 'standby']],
    ['behind another password', (rig: Rig) => rig.a.rejectEsl(true), ['rejected', 'ok']],
    ['locked out of the database', (rig: Rig) => void rig.database.lockRole('node_fs_a'), ['ok', 'ok']],
  ])('that is %s is answered at once', async (_, befall, verdicts) => {
    const { rig, probe } = await watched();
    befall(rig);
    const seen = await timed(rig, probe);
    expect(seen.verdicts).toEqual(verdicts);
    expect(seen.tookMs).toBeLessThanOrEqual(6);
  });
});

describe('the kept connection', () => {
  it('is lost within milliseconds of a crash, once, and the port refuses', async () => {
    const { rig, probe, losses } = await watched();
    const crashedMs = rig.kernel.nowMs;
    rig.a.crash();
    await rig.pass(10);
    expect(losses).toHaveLength(1);
    expect((losses[0] ?? 0) - crashedMs).toBeLessThanOrEqual(2);
    expect((await timed(rig, probe)).verdicts).toEqual(['refused', 'silent']);
    await rig.pass(5_000);
    expect((await rig.look(probe)).esl.coreUuid).toBe('fs-a:2');
    expect(losses).toHaveLength(1);
  });

  it('is not lost with the host or the network: the next look that arrives notices it', async () => {
    const { rig, probe, losses } = await watched();
    rig.a.hostDown();
    await rig.pass(10_000);
    await rig.look(probe);
    expect(losses).toEqual([]);
    rig.a.hostUp();
    await rig.pass(60_000);
    expect((await rig.look(probe)).esl.coreUuid).toBe('fs-a:2');
    expect(losses).toHaveLength(1);
  });

  it.each(['cut', 'mute'] as const)('is not lost by a FIN that does not arrive (%s)', async (broken) => {
    const { rig, probe, losses } = await watched();
    rig[broken].add('fs-a');
    rig.a.crash();
    await rig.pass(10_000);
    expect(losses).toEqual([]);
    rig[broken].clear();
    await rig.look(probe);
    expect(losses).toHaveLength(1);
  });

  it('tells of an event socket that is unloaded, which closes what it had open', async () => {
    const { rig, probe, losses } = await watched();

    rig.a.ailEsl('closed');
    await rig.pass(100);
    expect(losses).toHaveLength(1);
    expect((await rig.look(probe)).esl.verdict).toBe('refused');

    rig.a.ailEsl(null);
    expect((await rig.look(probe)).esl.verdict).toBe('ok');
  });

  it('tells of a graceful stop: announced while it answers, or once by the notice at its end', async () => {
    const { rig, probe } = await watched();
    rig.a.gracefulStop();
    expect((await rig.look(probe)).esl).toMatchObject({ verdict: 'stopping', coreUuid: 'fs-a:1' });
    await rig.pass(1_000);
    expect((await rig.look(probe)).esl.verdict).toBe('refused');
    const late = await watched();
    late.rig.a.gracefulStop();
    await late.rig.pass(1_000);
    expect(late.losses).toHaveLength(1);
    expect((await late.rig.look(late.probe)).esl).toMatchObject({ verdict: 'stopping', coreUuid: null });
    expect((await late.rig.look(late.probe)).esl.verdict).toBe('refused');
  });

  it('says nothing any more to an observer that was closed or killed', async () => {
    const { rig, probe, losses } = await watched();
    const process = rig.process();
    const killed = rig.probe(rig.a, process);
    killed.onConnectionLost(() => losses.push(rig.kernel.nowMs));
    await rig.look(killed);
    probe.close();
    process.kill();
    rig.a.crash();
    await rig.pass(100);
    expect(losses).toEqual([]);
  });
});
