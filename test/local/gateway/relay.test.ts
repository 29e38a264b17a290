import * as dgram from 'node:dgram';
import { type Gateway, type GatewayReport, type RelayedAnswer, startGateway } from '../../../local/gateway/relay';
import { freshAddress } from '../addresses';
import { eventually, systemClock } from '../clock';

const PORT = 5060;
const POLL_MS = 20;

const sockets: dgram.Socket[] = [];
let gateway: Gateway | null = null;

afterEach(async () => {
  await gateway?.stop();
  gateway = null;
  for (const socket of sockets.splice(0)) socket.close();
});

async function bind(address: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

/** A node that answers `question` with `answer from ADDRESS to question`. */
async function node(): Promise<string> {
  const address = freshAddress();
  const socket = await bind(address, PORT);
  socket.on('message', (text, from) => socket.send(`${address} heard ${text.toString()}`, from.port, from.address));
  return address;
}

async function caller(publicIp: string) {
  const socket = await bind('127.0.0.1', 0);
  const heard: string[] = [];
  socket.on('message', (text) => heard.push(text.toString()));
  return { heard, say: (text: string) => socket.send(text, PORT, publicIp), port: socket.address().port };
}

/** A gateway whose mapping the test may change. */
async function open(initial: Record<string, string | null>) {
  const state = { mapping: initial, fail: false, hang: false };
  const answers: RelayedAnswer[] = [];
  const reports: GatewayReport[] = [];
  let lookups = 0;
  gateway = await startGateway({
    ports: [PORT],
    lookup: () => {
      lookups += 1;
      if (state.fail) return Promise.reject(new Error('DescribeAddresses: RequestLimitExceeded'));
      if (state.hang) return new Promise(() => undefined);
      return Promise.resolve(new Map(Object.entries(state.mapping)));
    },
    pollEveryMs: POLL_MS,
    lookupTimeoutMs: 60,
    clock: systemClock,
    onAnswer: (answer) => answers.push(answer),
    onReport: (report) => reports.push(report),
  });
  return { gateway, state, answers, reports, lookups: () => lookups };
}

describe('the internet gateway', () => {
  it('passes questions to the holder and answers back, and tells who answered', async () => {
    const [publicIp, holder] = [freshAddress(), await node()];
    const { answers } = await open({ [publicIp]: holder });
    const alice = await caller(publicIp);

    alice.say('hello');
    await eventually('answered', () => alice.heard.length === 1);

    expect(alice.heard).toEqual([`${holder} heard hello`]);
    expect(answers).toMatchObject([{ publicIp, privateAddress: holder, client: { port: alice.port } }]);
  });

  it('keeps callers apart', async () => {
    const [publicIp, holder] = [freshAddress(), await node()];
    await open({ [publicIp]: holder });
    const [alice, bob] = [await caller(publicIp), await caller(publicIp)];

    alice.say('a');
    bob.say('b');
    await eventually('both answered', () => alice.heard.length + bob.heard.length === 2);

    expect([alice.heard, bob.heard]).toEqual([[`${holder} heard a`], [`${holder} heard b`]]);
  });

  it('follows a change of holder, also for a caller that it knows', async () => {
    const [publicIp, first, second] = [freshAddress(), await node(), await node()];
    const { state, reports, gateway: opened } = await open({ [publicIp]: first });
    const alice = await caller(publicIp);
    alice.say('one');
    await eventually('answered', () => alice.heard.length === 1);

    state.mapping = { [publicIp]: second };
    await eventually('followed', () => opened.holderOf(publicIp) === second);
    alice.say('two');
    await eventually('answered', () => alice.heard.length === 2);

    expect(alice.heard[1]).toBe(`${second} heard two`);
    expect(reports).toMatchObject([
      { kind: 'mapping-changed', from: null, to: first },
      { kind: 'mapping-changed', from: first, to: second },
    ]);
  });

  it('drops questions while nobody holds the address', async () => {
    const [publicIp, holder] = [freshAddress(), await node()];
    const { state, gateway: opened } = await open({ [publicIp]: null });
    const alice = await caller(publicIp);

    alice.say('lost');
    state.mapping = { [publicIp]: holder };
    await eventually('followed', () => opened.holderOf(publicIp) === holder);
    alice.say('heard');
    await eventually('answered', () => alice.heard.length > 0);

    expect(alice.heard).toEqual([`${holder} heard heard`]);
  });

  it('lets no late answer of a former holder out', async () => {
    const [publicIp, second] = [freshAddress(), await node()];
    const first = freshAddress();
    const slow = await bind(first, PORT);
    const waiting: (() => void)[] = [];
    slow.on('message', (_, from) => waiting.push(() => slow.send('too late', from.port, from.address)));
    const { state, gateway: opened } = await open({ [publicIp]: first });
    const alice = await caller(publicIp);
    alice.say('one');
    await eventually('the first holder heard it', () => waiting.length === 1);

    state.mapping = { [publicIp]: second };
    await eventually('followed', () => opened.holderOf(publicIp) === second);
    waiting.forEach((answer) => answer());
    alice.say('two');
    await eventually('answered', () => alice.heard.length > 0);

    expect(alice.heard).toEqual([`${second} heard two`]);
  });

  it('survives a holder on which nothing listens', async () => {
    const [publicIp, empty, holder] = [freshAddress(), freshAddress(), await node()];
    const { state, gateway: opened } = await open({ [publicIp]: empty });
    const alice = await caller(publicIp);
    for (let count = 0; count < 5; count++) alice.say('refused');

    state.mapping = { [publicIp]: holder };
    await eventually('followed', () => opened.holderOf(publicIp) === holder);
    alice.say('hello');

    await eventually('answered', () => alice.heard.includes(`${holder} heard hello`));
  });

  it('keeps what it knew while the lookup fails or hangs, and says so once', async () => {
    const [publicIp, holder] = [freshAddress(), await node()];
    const { state, reports, lookups } = await open({ [publicIp]: holder });
    const alice = await caller(publicIp);

    state.fail = true;
    const before = lookups();
    await eventually('three failed lookups', () => lookups() > before + 3);
    state.fail = false;
    state.hang = true;
    const hung = lookups();
    await eventually('two hung lookups', () => lookups() > hung + 2);
    alice.say('hello');
    await eventually('answered', () => alice.heard.length === 1);
    state.hang = false;
    await eventually('recovered', () => reports.some((report) => report.kind === 'lookup-recovered'));

    expect(reports.map((report) => report.kind)).toEqual(['mapping-changed', 'lookup-failed', 'lookup-recovered']);
  });

  it('opens an Elastic IP that appears later', async () => {
    const [publicIp, holder] = [freshAddress(), await node()];
    const { state, gateway: opened } = await open({});
    const alice = await caller(publicIp);

    state.mapping = { [publicIp]: holder };
    await eventually('known', () => opened.holderOf(publicIp) === holder);
    await eventually('answered', () => {
      alice.say('hello');
      return alice.heard.length > 0;
    });
  });
});
