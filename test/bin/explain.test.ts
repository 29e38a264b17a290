import type { CliContext } from '../../bin/commands/context';
import { programOf } from '../../bin/commands/program';
import type { ClusterSnapshot } from '../../lib/domain/model';
import { looks, nodeState, sip } from '../support/cluster';
import { silentLog } from '../support/fake-world';
import { healthyPair, seen, stageOf } from '../support/two-vips';

/** Runs the command over a cluster in memory, and gives back what it said. */
async function run(snapshot: ClusterSnapshot, ...words: string[]): Promise<{ text: string; failures: string[] }> {
  const { store, world, clock, random } = stageOf(snapshot);
  const said: string[] = [];
  const failures: string[] = [];
  const context: CliContext = {
    storeOf: () => store,
    nodeControlOf: () => world.nodeControl,
    clock,
    random,
    log: silentLog,
    user: 'eva',
    say: (text) => void said.push(text),
    fail: (reasons) => void failures.push(...reasons),
    ask: () => Promise.resolve(null),
    plain: true,
  };
  await programOf(context).parseAsync(['explain', '--table', 'pbx-state', ...words], { from: 'user' });
  return { text: said.join('\n'), failures };
}

const standbys = [...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];
const dead = looks('fs-a', 'refused', 'silent', { sip: { main: sip('silent'), second: sip('silent') } });
const killed = healthyPair({ observations: [...dead, ...standbys] });

describe('understudy explain', () => {
  it('says in its first line whether callers are served, and the one thing to know', async () => {
    const { text, failures } = await run(healthyPair());
    expect(text.split('\n')[0]).toMatch(/^Callers are served\. All is well: .*main: fails over to fs-b/);
    expect(failures).toEqual([]);
  });

  it('shows what is missing for a failover, and the evidence only in short where all is well', async () => {
    const { text } = await run(healthyPair());
    expect(text).toContain('VIP main: held, on fs-a (epoch 4); callers are served');
    expect(text).toContain('2 of 3 observers must find fs-a dead or unserved; 0 do');
    expect(text).not.toContain('us-east-1b  ok');
  });

  it('shows all evidence of one VIP, and of the others nothing', async () => {
    const { text } = await run(healthyPair(), '--vip', 'main');
    expect(text).toMatch(/for +esl +us-east-1b {2}ok/);
    expect(text).not.toContain('second:');
  });

  it('names the failure with its evidence where one is', async () => {
    const { text } = await run(killed);
    expect(text.split('\n')[0]).toContain('Callers of main, second are NOT served');
    expect(text).toMatch(/against +esl +us-east-1a {2}refused/);
    expect(text).toContain('failure: software (main), shown, justifies fail-over');
  });

  it('names what on-call is told of a node, also where it shows one VIP alone', async () => {
    const ahead = seen('fs-a', 'ok').map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs: 60_000 } }));
    const { text } = await run(healthyPair({ observations: [...ahead, ...standbys] }), '--vip', 'main');
    expect(text).toMatch(/^incident: node fs-a has a clock that is ahead.*\n {2}the clock of fs-a is 60000 ms ahead/m);
  });

  it('tells what would happen if something failed, alike cases in one row', async () => {
    const { text } = await run(healthyPair());
    const rows = text.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(rows).toContain('│ killed: fs-a │ VIP main, second: fails over to fs-b │');
    expect(rows).toContain('│ frozen: fs-a │ │');
    expect(rows).toContain('│ zone lost: us-east-1b │ VIP main, second: is not affected │');
    expect(text).toContain('the table (DynamoDB) is away');
    expect(text).toContain('the database is away, and SIP hangs on it');
  });

  it('gives all of it as JSON', async () => {
    const { text } = await run(
      healthyPair({ nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c')] }),
      '--json',
    );
    expect(JSON.parse(text)).toMatchObject({
      cluster: 'pbx',
      events: [],
      vips: [
        { vipId: 'main', served: 'yes', classification: { kind: 'none', conclusive: true }, standby: 'fs-b' },
        { vipId: 'second' },
      ],
    });
  });

  it('refuses a VIP that there is not, and names those that there are', async () => {
    const { text, failures } = await run(healthyPair(), '--vip', 'mian');
    expect([text, failures]).toEqual(['', ["there is no VIP 'mian': main, second"]]);
  });
});
