import type { Exchange, Subject } from '../../../local/fuzz/exchanges/exchange';
import { replayRun } from '../../../local/fuzz/exchanges/replay';
import { playOverLoopback } from '../../../local/fuzz/network/play-over-loopback';
import { ACCEPTED, apiResponse, GREETING, type Script } from '../../../local/fuzz/peer/scripts';
import { Dice } from '../../../local/fuzz/dice';
import { PRODUCT } from '../../../local/fuzz/run';

const exchangeWith = (script: Script, commands: string[]): Exchange => ({
  title: 'a peer of this test',
  connections: [{ accept: 'yes', script, mutations: new Map(), cut: null, chunking: { kind: 'whole', gapMs: 0 } }],
  sip: () => [],
  ...replayRun({ name: 'made up', commands, turns: [] }),
});

/** After each command the process stands still: the peer's next timer is then due before its socket is looked at. */
const slow: Subject = {
  ...PRODUCT,
  openForTask: async (...given) => {
    const connection = await PRODUCT.openForTask(...given);
    const { api } = connection;
    connection.api = (command, timeoutMs) => {
      const reply = api.call(connection, command, timeoutMs);
      process.nextTick(standStill, 10);
      return reply;
    };
    return connection;
  },
};

function standStill(ms: number): void {
  for (const untilMs = performance.now() + ms; performance.now() < untilMs;);
}

describe('over real sockets', () => {
  it('an answer that is known before the peer has read the question is an answer to it', async () => {
    const script: Script = (command) => {
      if (command === null) return [Buffer.from(GREETING)];
      if (command.startsWith('auth ')) return [Buffer.from(ACCEPTED)];
      return command === 'api one' ? [Buffer.from(apiResponse('1')), Buffer.from(apiResponse('2'))] : [];
    };

    const exchange = exchangeWith(script, ['auth s3cret-esl', 'api one', 'api two']);
    const { problems } = await playOverLoopback(exchange, slow, new Dice(1, 1), new Dice(2, 1));

    expect(problems).toEqual([]);
  });
});
