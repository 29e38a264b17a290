/** Registrations in a shared database: FACTS 6. */
import { answer } from '../../../local/standin/sip-answers';
import { parseRequest } from '../../../local/standin/sip-message';
import { registerRequest } from './phone';
import { Lab, type TestSwitch } from './switches';

const PHONE = { user: '7001', contactHost: '203.0.113.23' };
const SOURCE = { address: '203.0.113.23', port: 5080 };

let lab: Lab;
let one: TestSwitch;
let two: TestSwitch;

beforeEach(async () => {
  lab = new Lab();
  one = await lab.start('node-1');
  two = await lab.start('node-2');
  await one.api('sofia global standby off');
  await two.api('sofia global standby off');
});

async function send(node: TestSwitch, nonce: string | null): Promise<string> {
  const request = parseRequest(Buffer.from(registerRequest(PHONE, nonce === null ? 1 : 2, nonce)));
  const profile = node.system.profile('external-a');
  if (request === null || profile === null) throw new Error('the test sends no REGISTER');
  const answers = await answer(node.system, profile, request, SOURCE);
  return answers.map(String).join('');
}

const nonceIn = (text: string): string => /nonce="([^"]+)"/.exec(text)?.[1] ?? '';

async function register(node: TestSwitch): Promise<string> {
  const answered = await send(node, nonceIn(await send(node, null)));
  await lab.pass(100);
  return answered;
}

it('a phone registered through one node is found by the other, also when the first is dead', async () => {
  expect(await register(one)).toMatch(/^SIP\/2\.0 200 OK/);
  one.kill();

  expect(await two.api('sofia_contact 7001@lab.example')).toBe('sofia/external-a/sip:7001@203.0.113.23:5080');
  expect(await two.api('sofia_contact external-a/7001@lab.example')).toContain('sip:7001@');
});

it('nobody else is found', async () => {
  await register(one);

  expect(await two.api('sofia_contact 7002@lab.example')).toBe('error/user_not_registered');
  expect(await two.api('sofia_contact external-b/7001@lab.example')).toBe('error/user_not_registered');
});

it('the row says who took it, where from, and until when', async () => {
  await register(one);

  expect(lab.tables.registrations).toEqual([
    expect.objectContaining({
      ...{ user: '7001', host: 'lab.example', contact: '<sip:7001@203.0.113.23:5080>', status: 'Registered(UDP)' },
      ...{ hostname: 'node-1', serverHost: '10.255.0.10', networkIp: '203.0.113.23', networkPort: 5080 },
    }),
  ]);
});

it('registering again replaces the row, whoever had it', async () => {
  await register(one);

  await register(two);

  expect(lab.tables.registrations.map((row) => row.hostname)).toEqual(['node-2']);
});

it('a row runs out at the node that it names, and at no other', async () => {
  await register(one);
  one.kill();

  await lab.pass(3_700_000);
  const kept = await two.api('sofia_contact 7001@lab.example');
  for (const row of lab.tables.registrations) row.hostname = 'node-2';
  await lab.pass(31_000);

  expect(kept).toContain('sip:7001@');
  expect(lab.tables.registrations).toEqual([]);
  expect(two.system.registrar.counters.expired).toBe(1);
  // An hour of virtual time is thousands of timers.
}, 180_000);

it('keeps the NAT open for its own rows only', async () => {
  await register(one);

  await lab.pass(61_000);

  expect([one, two].map((node) => node.system.registrar.counters.keepAlives)).toEqual([2, 0]);
});

it('a nonce of one node is good at the other, until any node starts', async () => {
  const nonce = nonceIn(await send(one, null));
  const before = await send(two, nonce);

  await lab.start('node-3');

  expect(before).toMatch(/^SIP\/2\.0 200 OK/);
  expect(await send(two, nonce)).toMatch(/^SIP\/2\.0 401 [^]*stale=true/);
});

it('with its role locked every REGISTER is challenged again, for ever', async () => {
  one.rows.trouble = 'away';

  const answers = [await register(one), await register(one)];

  expect(answers.every((text) => text.startsWith('SIP/2.0 401') && text.includes('stale=true'))).toBe(true);
});

describe('gateways', () => {
  const stateOf = (text: string | null): string | undefined => /gateway\t.*\t(\w+)\n/.exec(text ?? '')?.[1];

  it('register when the standby of their profile has ended, and not before', async () => {
    const node = await lab.start('node-3', { gateway: 'carrier' });
    await lab.pass(60_000);
    const inStandby = stateOf(await node.api('sofia status'));

    await node.api('global_setvar promoted_a=-no');
    await node.api('sofia profile external-a rescan');
    const atOnce = stateOf(await node.api('sofia status'));
    await lab.pass(2_100);

    expect([inStandby, atOnce, stateOf(await node.api('sofia status'))]).toEqual(['UNREGED', 'UNREGED', 'REGED']);
    expect(await node.api('sofia status gateway external-a::carrier')).toContain('State   \tREGED\n');
  });
});
