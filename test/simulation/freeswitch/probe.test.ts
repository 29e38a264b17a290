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
    ['deaf on its event socket', (rig: Rig) => rig.a.ailEsl('hangs'), ['silent', 'ok']],
  ])('that is %s takes the whole deadline', async (_, befall, verdicts) => {
    const { rig, probe, losses } = await watched();
    befall(rig);
    const seen = await timed(rig, probe);
    expect(seen).toMatchObject({ tookMs: PROBE_TIMEOUT_MS, verdicts });
    expect(losses).toEqual([]);
    const { esl, sip } = seen.look;
    const silent = [esl, sip[MAIN]].filter((each) => each?.verdict === 'silent');
    expect(silent.map((each) => each?.latencyMs)).toEqual(silent.map(() => null));
  });

  it('that is behind a probe that was closed is not looked at', async () => {
    const { rig, probe } = await watched();
    probe.close();
    expect(await timed(rig, probe)).toMatchObject({ tookMs: PROBE_TIMEOUT_MS, verdicts: ['silent', 'silent'] });
  });

  it.each([
    [undefined, /^paused: new calls get 503/],
    ['inbound', /^paused for incoming calls/],
    ['outbound', /^paused for outgoing calls/],
  ] as const)('that is paused says in which direction: %s', async (direction, detail) => {
    const { rig, probe } = await watched();
    rig.a.setPaused(true, direction);
    expect((await rig.look(probe)).esl).toMatchObject({ verdict: 'paused', detail: expect.stringMatching(detail) });
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

  it('is lost by an end that datagrams are lost beside, and not by one that is lost itself', async () => {
    const { rig, probe, losses } = await watched();
    rig.losing = 'all';
    rig.a.crash();
    await rig.pass(100);
    expect(losses).toEqual([]);
    rig.losing = null;
    await rig.pass(60_000);
    await rig.look(probe);
    expect(losses).toHaveLength(1);
    rig.losing = 'datagrams';
    rig.a.crash();
    await rig.pass(100);
    expect(losses).toHaveLength(2);
  });

  it('is lost as late as the node is far, and once where a look notices it first', async () => {
    const { rig, probe, losses } = await watched();
    rig.delayMs = 300;
    rig.a.crash();
    const crashedMs = rig.kernel.nowMs;
    await rig.pass(290);
    expect(losses).toEqual([]);
    await rig.pass(100);
    expect(losses).toEqual([crashedMs + 301]);
    rig.delayMs = 0;
    await rig.pass(60_000);
    await rig.look(probe);
    rig.delayMs = 300;
    rig.a.crash();
    rig.delayMs = 0;
    await rig.look(probe);
    await rig.pass(1_000);
    expect(losses).toHaveLength(2);
  });

  it.each([
    ['paused', (rig: Rig) => rig.a.setPaused(true), 1],
    ['behind another password', (rig: Rig) => rig.a.rejectEsl(true), 0],
  ])('to a node that is %s', async (_, befall, lost) => {
    const { rig, losses } = await watched();
    const another = rig.probe(rig.a);
    const lostByAnother: number[] = [];
    another.onConnectionLost(() => lostByAnother.push(rig.kernel.nowMs));
    befall(rig);
    await rig.look(another);
    rig.a.crash();
    await rig.pass(100);
    expect(losses).toHaveLength(1);
    expect(lostByAnother).toHaveLength(lost);
  });

  it('is one, however often it looks, and none once its observer was closed or has ended', async () => {
    const rig = await new Rig().inService(0);
    const incarnation = rig.a.process!;
    const connect = incarnation.connect.bind(incarnation);
    let open = 0;
    incarnation.connect = (onClosed) => {
      open += 1;
      const close = connect(onClosed);
      return () => {
        open -= 1;
        close();
      };
    };
    const process = rig.process();
    const [closed, killed, closing] = [rig.probe(rig.a), rig.probe(rig.a, process), rig.probe(rig.a)];
    for (const probe of [closed, closed, killed, killed]) await rig.look(probe);
    expect(open).toBe(2);
    closed.close();
    expect(open).toBe(1);
    process.kill();
    expect(open).toBe(0);
    const look = closing.probe(PROBE_TIMEOUT_MS);
    closing.close();
    await rig.end(look);
    expect(open).toBe(0);
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
    for (let times = 0; times < 20; times += 1) expect((await late.rig.look(late.probe)).esl.verdict).toBe('refused');
  });

  it('tells of each stop, also where the one before was seen coming', async () => {
    const { rig, probe } = await watched();
    rig.a.gracefulStop();
    expect((await rig.look(probe)).esl.verdict).toBe('stopping');
    await rig.pass(60_000);
    expect((await rig.look(probe)).esl).toMatchObject({ verdict: 'ok', coreUuid: 'fs-a:2' });
    rig.a.gracefulStop();
    await rig.pass(1_000);
    expect((await rig.look(probe)).esl).toMatchObject({ verdict: 'stopping', coreUuid: null });
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
