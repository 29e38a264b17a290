/** Phones that registered through a node which is dead stay reachable through the new holder (FACTS 6). */
import type { CallSwitch } from '../../lib/domain/ports';
import { recoverCalls } from '../../lib/operations/recover-calls';
import { topologyOf } from '../support/cluster';
import { bridgedCall, NODE_1, openLaboratory, writeLegs, type Laboratory } from './laboratory';

const TIMEOUT_MS = 3_000;
const CHANGE = { profiles: ['external-a'], fromNodeIds: ['node-1'], toNodeId: 'node-2' };

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);
afterAll(() => lab.close());
beforeEach(async () => {
  await lab.superuser.query('truncate sip_registrations, registrations');
});

interface Binding {
  callId: string;
  status?: string;
  contact?: string;
  profile?: string;
  node?: string;
  /** Seconds from now; 0 never runs out. */
  expiresIn?: number;
  user?: string;
  host?: string;
}

async function register(binding: Binding): Promise<void> {
  const { callId, status = 'Registered(UDP)', profile = 'external-a', node = 'node-1', user = callId } = binding;
  const { contact = `<sip:${user}@203.0.113.5:5060>`, expiresIn = 600, host = 'example.org' } = binding;
  const expires = expiresIn === 0 ? 0 : Math.round(Date.now() / 1000) + expiresIn;
  await lab.superuser.query(
    `insert into sip_registrations
       (call_id, sip_user, sip_host, contact, status, expires, profile_name, hostname, orig_hostname)
     values ($1, $2, $8, $3, $4, $5, $6, $7, $7)`,
    [callId, user, contact, status, expires, profile, node, host],
  );
  await lab.superuser.query(
    `insert into registrations (reg_user, realm, token, expires, hostname) values ($1, $5, $2, $3, $4)`,
    [user, callId, expires, node, host],
  );
}

async function bindings(table: 'sip_registrations' | 'registrations'): Promise<string[]> {
  const id = table === 'registrations' ? 'token' : 'call_id';
  const { rows } = await lab.superuser.query<{ line: string }>(
    `select ${id} || ' at ' || hostname as line from ${table} order by 1`,
  );
  return rows.map(({ line }) => line);
}
const takeOver = (change = CHANGE) => lab.control.takeOverRegistrations(change, TIMEOUT_MS);

test('bindings move to the new holder, which keeps their NAT open and lists them', async () => {
  await register({ callId: 'udp' });
  await register({ callId: 'nat', status: 'Registered(UDP-NAT)' });
  await register({ callId: 'for-ever', expiresIn: 0 });

  expect(await takeOver()).toEqual({ moved: 3, deletedConnections: 0, deletedExpired: 0 });

  const all = ['for-ever at node-2', 'nat at node-2', 'udp at node-2'];
  expect(await bindings('sip_registrations')).toEqual(all);
  expect(await bindings('registrations')).toEqual(all);
  const { rows } = await lab.superuser.query('select distinct orig_hostname from sip_registrations');
  expect(rows).toEqual([{ orig_hostname: 'node-2' }]);
});

test.each([
  ...['TCP', 'TLS', 'TCP-NAT', 'TLS-NAT', 'WS-NAT', 'WSS-NAT', 'TLSHACK'].map((what) => ({
    status: `Registered(${what})`,
  })),
  { status: 'Registered(AUTO-NAT)', contact: '<sip:u@10.0.0.1:5060;transport=TCP;fs_nat=yes>' },
])('a binding that was a connection of the dead process is deleted: $status', async (binding) => {
  await register({ callId: 'connection', ...binding });
  expect(await takeOver()).toEqual({ moved: 0, deletedConnections: 1, deletedExpired: 0 });
  expect([await bindings('sip_registrations'), await bindings('registrations')]).toEqual([[], []]);
});

test('bindings that ran out are deleted: nobody else would', async () => {
  await register({ callId: 'old', expiresIn: -5 });
  await register({ callId: 'good' });
  expect(await takeOver()).toEqual({ moved: 1, deletedConnections: 0, deletedExpired: 1 });
  expect(await bindings('registrations')).toEqual(['good at node-2']);
});

test('a phone that has registered through the new holder already is not there twice', async () => {
  await register({ callId: 'same', user: 'phone' });
  await register({ callId: 'same', user: 'phone', node: 'node-2' });
  expect(await takeOver()).toEqual({ moved: 0, deletedConnections: 0, deletedExpired: 1 });
  expect(await bindings('sip_registrations')).toEqual(['same at node-2']);
});

test('other VIPs, other nodes and the new holder’s own are left alone; a second time is nothing', async () => {
  await register({ callId: 'mine' });
  await register({ callId: 'other-vip', profile: 'external-b' });
  await register({ callId: 'other-node', node: 'node-3' });
  await register({ callId: 'own', node: 'node-2' });

  expect((await takeOver({ ...CHANGE, fromNodeIds: ['node-1', 'node-2'] })).moved).toBe(1);
  expect(await takeOver()).toEqual({ moved: 0, deletedConnections: 0, deletedExpired: 0 });

  const all = ['mine at node-2', 'other-node at node-3', 'other-vip at node-1', 'own at node-2'];
  expect(await bindings('sip_registrations')).toEqual(all);
  expect(await bindings('registrations')).toEqual(all);
});

test('where the same node goes on with a new process, its bindings stay and its connections go', async () => {
  await register({ callId: 'udp', node: 'node-2' });
  await register({ callId: 'tcp', node: 'node-2', status: 'Registered(TCP)' });

  const counts = await takeOver({ ...CHANGE, fromNodeIds: ['node-2'] });

  expect(counts).toEqual({ moved: 0, deletedConnections: 1, deletedExpired: 0 });
  expect(await bindings('sip_registrations')).toEqual(['udp at node-2']);
  expect(await bindings('registrations')).toEqual(['udp at node-2']);
});

test('a phone that registers at two VIPs with one Call-ID moves with the one, and is listed with the other', async () => {
  for (const [profile, host] of [
    ['external-a', 'a.example.org'],
    ['external-b', 'b.example.org'],
  ] as const) {
    await register({ callId: `one-${profile}`, user: 'steady', profile, host });
    await register({ callId: 'same', user: 'phone', profile, host });
    await register({ callId: 'gone', user: 'tcp-phone', profile, host, status: 'Registered(TCP)' });
  }

  expect(await takeOver()).toEqual({ moved: 2, deletedConnections: 1, deletedExpired: 0 });

  const listed = 'select realm, hostname, count(*)::int as phones from registrations group by 1, 2 order by 1';
  expect((await lab.superuser.query(listed)).rows).toEqual([
    { realm: 'a.example.org', hostname: 'node-2', phones: 2 },
    { realm: 'b.example.org', hostname: 'node-1', phones: 3 },
  ]);
});

test('a drained VIP takes its phones along: no call, no other VIP and no role of the living node is touched', async () => {
  const alive = 'core-that-lives';
  await lab.superuser.query('truncate recovery, understudy.recovery_orders cascade');
  await writeLegs(lab.superuser, [
    ...bridgedCall('left', alive),
    ...bridgedCall('other', alive, { profile: 'external-b' }),
  ]);
  await register({ callId: 'mine' });
  await register({ callId: 'other-vip', profile: 'external-b' });
  const [vip] = topologyOf(2).vips;
  const [, node] = topologyOf(2).nodes;
  if (vip === undefined || node === undefined) throw new Error('no VIP');

  const result = await recoverCalls(
    {
      switches: {} as CallSwitch,
      database: lab.control,
      clock: { monotonicMs: () => 0, sleep: () => Promise.resolve() },
    },
    { ...node, id: 'node-2' },
    { ...vip, profiles: ['external-a'], serviceAddress: null, elasticIp: null },
    { transitionId: 'main#5', deadCoreUuids: [], deadNodeIds: ['node-1'], maxClockBehindMs: 1_000 },
    TIMEOUT_MS,
  );

  expect(result).toMatchObject({ recovered: true, proof: expect.stringContaining('1 taken over') });
  expect(await bindings('sip_registrations')).toEqual(['mine at node-2', 'other-vip at node-1']);
  const counted = async (table: string): Promise<number> =>
    (await lab.superuser.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]?.count ?? -1;
  expect([await counted(`recovery where runtime_uuid = '${alive}'`), await counted('recovery')]).toEqual([4, 4]);
  expect(await counted('understudy.recovery_orders')).toBe(0);
  expect(await counted('understudy.recovery_aside')).toBe(0);
  const roles = await lab.superuser.query('select rolcanlogin from pg_roles where rolname = $1', [NODE_1.role]);
  expect(roles.rows).toEqual([{ rolcanlogin: true }]);
});
