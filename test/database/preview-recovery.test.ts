/** The dry run of a recovery on the real PostgreSQL: it says what the preparation then does, and changes nothing. */
import { DatabaseRefused } from '../../lib/domain/errors';
import type { CallDatabase } from '../../lib/domain/ports';
import { bridgedCall, openLaboratory, writeLegs, type Laboratory } from './laboratory';

const TIMEOUT_MS = 5_000;
const DEAD = 'core-of-the-dead';
const OWN = 'core-of-the-heir';
const OTHER = 'core-of-another';
/** What a row of a call with SRTP and digest authentication holds besides. */
const SECRETS = ['WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz', 'correct-horse-battery'];

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);
afterAll(() => lab.close());
beforeEach(async () => {
  await lab.superuser.query('truncate recovery, understudy.recovery_orders cascade');
});

type Order = Parameters<CallDatabase['previewRecovery']>[0];
const order = (change: Partial<Order> = {}): Order => ({
  deadCoreUuids: [DEAD],
  profiles: ['external-a', 'external-a-tls'],
  ownCoreUuid: OWN,
  rewriteTo: null,
  advertiseTo: null,
  ...change,
});
const preview = (change: Partial<Order> = {}) => lab.control.previewRecovery(order(change), TIMEOUT_MS);

/** All that a recovery can change, of FreeSWITCH's and of ours. */
async function everything(): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const table of [
    'recovery',
    'understudy.recovery_orders',
    'understudy.recovery_plan',
    'understudy.recovery_aside',
  ]) {
    rows.push((await lab.superuser.query(`select * from ${table} order by 1, 2, 3, 4, 5`)).rows);
  }
  return rows;
}

test('rows are counted by incarnation, and by what becomes of them', async () => {
  await writeLegs(lab.superuser, [
    ...bridgedCall('one', DEAD),
    ...bridgedCall('tcp', DEAD, { transport: 'tcp' }),
    ...bridgedCall('older', 'core-before-that'),
    { uuid: 'own', coreUuid: OWN },
    ...bridgedCall('alive', OTHER),
    { uuid: 'of-another-vip', coreUuid: OTHER, profile: 'external-b' },
  ]);
  await lab.superuser.query(
    `insert into recovery (technology, profile_name) values ('sofia', 'external-a'), ('verto', 'external-a')`,
  );

  expect(await preview({ deadCoreUuids: [DEAD, 'core-before-that', 'core-without-rows'] })).toEqual({
    recovered: [
      { coreUuid: DEAD, rows: 4, calls: 2, connectionOriented: 1 },
      { coreUuid: 'core-before-that', rows: 2, calls: 1, connectionOriented: 0 },
      { coreUuid: 'core-without-rows', rows: 0, calls: 0, connectionOriented: 0 },
    ],
    own: { coreUuid: OWN, rows: 1, calls: 1, connectionOriented: 0 },
    foreign: [
      { coreUuid: OTHER, rows: 2, calls: 1, connectionOriented: 0 },
      { coreUuid: null, rows: 1, calls: 1, connectionOriented: 0 },
    ],
    rewritten: 0,
    differences: [],
    examples: [],
  });
});

test('the incarnation that would recover is never its own victim', async () => {
  await writeLegs(lab.superuser, [{ uuid: 'own', coreUuid: OWN, mediaAddress: '10.0.1.11' }]);
  expect(await preview({ deadCoreUuids: [OWN], rewriteTo: '10.0.2.22' })).toMatchObject({
    recovered: [],
    own: { rows: 1 },
    foreign: [],
    rewritten: 0,
  });
});

describe('way B', () => {
  beforeEach(() =>
    writeLegs(lab.superuser, [
      { uuid: 'a', coreUuid: DEAD, mediaAddress: '10.0.3.33' },
      { uuid: 'b', coreUuid: DEAD, mediaAddress: '10.0.1.11' },
      { uuid: 'c', coreUuid: DEAD, mediaAddress: '10.0.1.11' },
      { uuid: 'there-already', coreUuid: DEAD, mediaAddress: '10.0.2.22' },
      { uuid: 'own', coreUuid: OWN, mediaAddress: '10.0.1.11' },
      { uuid: 'foreign', coreUuid: OTHER, mediaAddress: '10.0.1.11' },
      { uuid: 'other-vip', coreUuid: DEAD, profile: 'external-b', mediaAddress: '10.0.1.11' },
    ]),
  );

  test('each replaced address is counted, and rows are shown cut down to what differs', async () => {
    const { rewritten, differences, examples } = await preview({ rewriteTo: '10.0.2.22' });
    expect(rewritten).toBe(3);
    expect(differences).toEqual([
      { variable: 'local_media_ip', from: '10.0.1.11', to: '10.0.2.22', rows: 2 },
      { variable: 'local_media_ip', from: '10.0.3.33', to: '10.0.2.22', rows: 1 },
    ]);
    expect(examples).toEqual([
      { uuid: 'a', changes: [{ variable: 'local_media_ip', from: '10.0.3.33', to: '10.0.2.22' }] },
      { uuid: 'b', changes: [{ variable: 'local_media_ip', from: '10.0.1.11', to: '10.0.2.22' }] },
      { uuid: 'c', changes: [{ variable: 'local_media_ip', from: '10.0.1.11', to: '10.0.2.22' }] },
    ]);
  });

  test('of a VIP without an Elastic IP shows what the peers would be told, too', async () => {
    const { rewritten, differences, examples } = await preview({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' });
    expect(rewritten).toBe(4);
    expect(differences[0]).toEqual({
      ...{ variable: 'advertised_media_ip', from: '198.51.100.10', to: '10.0.2.22' },
      rows: 4,
    });
    expect(examples[0]?.changes.map((change) => change.variable)).toEqual(['local_media_ip', 'advertised_media_ip']);
    expect(examples[3]).toEqual({
      uuid: 'there-already',
      changes: [{ variable: 'advertised_media_ip', from: '198.51.100.10', to: '10.0.2.22' }],
    });
  });

  test('is then done as it was shown, and there is nothing left to show', async () => {
    const shown = await preview({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' });

    const prepared = await lab.control.prepareRecovery(
      {
        ...order({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' }),
        ...{ transitionId: 'main#2', vipId: 'main', nodeId: 'node-2', deadNodeIds: [] },
      },
      TIMEOUT_MS,
    );

    const sum = (rows: { calls: number }[]): number => rows.reduce((total, each) => total + each.calls, 0);
    expect(prepared).toMatchObject({ before: { calls: sum(shown.recovered) }, movedAside: sum(shown.foreign) });
    const { rows } = await lab.superuser.query<{ uuid: string }>(
      `select uuid from recovery where metadata like '%<advertised_media_ip>10.0.2.22<%' order by uuid`,
    );
    expect(rows.map(({ uuid }) => uuid)).toEqual(shown.examples.map(({ uuid }) => uuid));
    expect(await preview({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' })).toMatchObject({
      foreign: [],
      rewritten: 0,
    });
  });

  test('changes nothing by being shown', async () => {
    const before = await everything();
    await preview({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' });
    expect(await everything()).toEqual(before);
  });

  test('is shown in a transaction that could not write if it wanted to', async () => {
    await lab.superuser.query(
      `alter table recovery rename to recovery_rows;
       create function spy() returns boolean language plpgsql as
         $$ begin if current_setting('transaction_read_only') = 'off' then raise 'may write'; end if; return true; end $$;
       create view recovery as select * from recovery_rows where spy();
       grant select on recovery to public`,
    );
    try {
      expect(await preview({ rewriteTo: '10.0.2.22' })).toMatchObject({ rewritten: 3 });
    } finally {
      await lab.superuser.query(
        'drop view recovery; drop function spy(); alter table recovery_rows rename to recovery',
      );
    }
  });

  test.each(['', '10.0.2', '10.0.2.22</local_media_ip>'])('refuses "%s" as an address', async (rewriteTo) => {
    await expect(preview({ rewriteTo })).rejects.toThrow(DatabaseRefused);
  });
});

test('no more than ten rows are shown of two hundred calls, and all are counted', async () => {
  const legs = Array.from({ length: 200 }, (_, index) => bridgedCall(`call-${index}`, DEAD)).flat();
  await writeLegs(lab.superuser, legs);
  const { recovered, rewritten, examples } = await preview({ rewriteTo: '10.0.2.22' });
  expect(recovered).toMatchObject([{ rows: 400, calls: 200 }]);
  expect(rewritten).toBe(400);
  expect(examples).toHaveLength(10);
});

test('no secret of a row is shown: neither beside the addresses nor in the place of one', async () => {
  await writeLegs(lab.superuser, [
    { uuid: 'secret', coreUuid: DEAD, mediaAddress: '10.0.1.11' },
    { uuid: 'strange', coreUuid: DEAD, mediaAddress: `inline:${SECRETS[0]}` },
  ]);
  await lab.superuser.query(
    `update recovery set metadata = replace(metadata, '<variables>', $1) where uuid = 'secret'`,
    [
      `<variables><rtp_secure_media_key>a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${SECRETS[0]}</rtp_secure_media_key>` +
        `<sip_auth_password>${SECRETS[1]}</sip_auth_password>`,
    ],
  );

  const shown = await preview({ rewriteTo: '10.0.2.22', advertiseTo: '10.0.2.22' });

  expect(shown.rewritten).toBe(2);
  expect(shown.differences).toContainEqual({
    ...{ variable: 'local_media_ip', from: '(not an address)', to: '10.0.2.22' },
    rows: 1,
  });
  for (const secret of [...SECRETS, 'crypto', 'password']) expect(JSON.stringify(shown)).not.toContain(secret);
});
