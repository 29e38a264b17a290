import { SystemClock } from '../../../lib/aws/system-clock';
import { SystemRandom } from '../../../lib/aws/system-random';
import { type OptionsResult, sendOptions } from '../../../lib/freeswitch/sip/options';
import { sipAnswer, UdpPeer } from '../fake-node';

const clock = new SystemClock();
const ids = new SystemRandom();
let peer: UdpPeer | null = null;

afterEach(async () => {
  await peer?.stop();
  peer = null;
});

const ask = (timeoutMs = 300, retransmitAfterMs: number[] = []): Promise<OptionsResult> =>
  sendOptions({ host: '127.0.0.1', port: peer?.port ?? 9, timeoutMs, retransmitAfterMs, ids, clock });

describe('OPTIONS over UDP', () => {
  it('asks with all that RFC 3261 wants, and takes the answer', async () => {
    peer = await UdpPeer.start((request) => [sipAnswer(request, '200 OK')]);

    const { evidence, status } = await ask();

    expect(status).toBe(200);
    expect(evidence).toMatchObject({ verdict: 'ok', detail: '200 OK' });
    expect(evidence.latencyMs).toBeGreaterThan(0);
    const request = peer.received[0] ?? '';
    expect(request).toMatch(/^OPTIONS sip:health@127\.0\.0\.1:\d+ SIP\/2\.0\r\n/);
    expect(request).toMatch(/\r\nVia: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;rport;branch=z9hG4bK[\w-]+\r\n/);
    for (const header of [
      'Max-Forwards: 70',
      'From: <sip:',
      'To: <sip:',
      'Call-ID: ',
      'CSeq: 1 OPTIONS',
      'Contact: <sip:',
    ]) {
      expect(request).toContain(`\r\n${header}`);
    }
    expect(request).toMatch(/\r\nContent-Length: 0\r\n\r\n$/);
  });

  it('sends from the address it was told', async () => {
    peer = await UdpPeer.start((request) => [sipAnswer(request, '200 OK')]);

    await sendOptions({ host: '127.0.0.1', port: peer.port, localAddress: '127.0.0.33', timeoutMs: 300, ids, clock });

    expect(peer.received[0]).toContain('Via: SIP/2.0/UDP 127.0.0.33:');
  });

  it('a lost datagram is sent again, byte for byte', async () => {
    peer = await UdpPeer.start((request, count) => (count === 1 ? [] : [sipAnswer(request, '503 System Paused')]));

    const { evidence } = await ask(1000, [30]);

    expect(evidence.verdict).toBe('standby');
    expect(peer.received).toHaveLength(2);
    expect(peer.received[1]).toBe(peer.received[0]);
  });

  it('waits for the final answer behind a provisional one', async () => {
    peer = await UdpPeer.start((request) => [sipAnswer(request, '100 Trying'), sipAnswer(request, '404 Not Found')]);

    expect(await ask()).toMatchObject({ status: 404, evidence: { verdict: 'ok', detail: '404 Not Found' } });
  });

  it.each([
    ['Call-ID', (answer: string) => answer.replace(/Call-ID: .*/, 'Call-ID: other')],
    ['branch', (answer: string) => answer.replace(/branch=[\w-]+/, 'branch=z9hG4bKother')],
    ['CSeq', (answer: string) => answer.replace(/CSeq: 1/, 'CSeq: 2')],
    ['method', (answer: string) => answer.replace('1 OPTIONS', '1 INVITE')],
  ])('an answer with another %s is not ours', async (_, change) => {
    peer = await UdpPeer.start((request) => [
      sipAnswer(request, '200 OK', change),
      sipAnswer(request, '503 System Paused'),
    ]);

    expect((await ask()).evidence.verdict).toBe('standby');
  });

  it('foreign answers alone are silence', async () => {
    peer = await UdpPeer.start((request) => [
      sipAnswer(request, '200 OK', (answer) => answer.replace('Call-ID: ', 'Call-ID: x')),
    ]);

    expect((await ask(80)).evidence.verdict).toBe('silent');
  });

  it('garbage alone is malformed', async () => {
    peer = await UdpPeer.start(() => [Buffer.from([0, 1, 2, 255])]);

    expect((await ask(80)).evidence.verdict).toBe('malformed');
  });

  it('a flood ends the waiting', async () => {
    peer = await UdpPeer.start(() => Array.from({ length: 40 }, () => 'junk'));

    const startedMs = clock.monotonicMs();
    const { evidence } = await ask(3000);

    expect(evidence.verdict).toBe('malformed');
    expect(clock.monotonicMs() - startedMs).toBeLessThan(1500);
  });

  it('nothing listens: refused by ICMP', async () => {
    peer = await UdpPeer.start(() => []);
    const { port } = peer;
    await peer.stop();
    peer = null;

    const { evidence, status } = await sendOptions({ host: '127.0.0.1', port, timeoutMs: 1000, ids, clock });

    expect([evidence.verdict, status]).toEqual(['refused', null]);
  });

  it('no answer: silent at the deadline', async () => {
    peer = await UdpPeer.start(() => []);

    const startedMs = clock.monotonicMs();
    const { evidence } = await ask(120, [20, 40]);

    expect(evidence).toMatchObject({ verdict: 'silent', latencyMs: null });
    expect(clock.monotonicMs() - startedMs).toBeLessThan(600);
    expect(peer.received).toHaveLength(3);
  });

  it.each([
    ['an impossible port', { port: 70_000 }],
    ['an address that is none', { host: 'no such host' }],
    ['a source that is not ours', { localAddress: '192.0.2.1' }],
  ])('%s is an answer too, not an exception', async (_, wrong) => {
    const target = { host: '127.0.0.1', port: 9, timeoutMs: 500, ids, clock, ...wrong };

    expect((await sendOptions(target)).evidence.verdict).toBe('silent');
  });

  it('ends at once when it is aborted', async () => {
    peer = await UdpPeer.start(() => []);
    const closing = new AbortController();

    const asking = sendOptions({
      host: '127.0.0.1',
      port: peer.port,
      timeoutMs: 60_000,
      ids,
      clock,
      signal: closing.signal,
    });
    closing.abort();

    expect((await asking).evidence.detail).toBe('closed by us');
  });
});
