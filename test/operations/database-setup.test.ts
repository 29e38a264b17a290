import type { WorkerAnswer } from '../../lib/aws/database-worker';
import { DatabaseAway, DatabaseRefused, OutsideRefused } from '../../lib/domain/errors';
import { onDatabaseDeployment, type DatabaseDeploymentEvent } from '../../lib/operations/database-deployment';
import {
  parseServer,
  parseSetupRequest,
  prepareDatabase,
  type DatabaseSetupDeps,
  type DatabaseSetupRequest,
} from '../../lib/operations/database-setup';
import { silentLog } from '../support/fake-world';
import { VirtualClock } from '../support/virtual-clock';

const REQUEST: DatabaseSetupRequest = {
  adminSecretArn: 'arn:admin',
  iam: true,
  nodes: [
    { role: 'node_alice', secretArn: 'arn:alice' },
    { role: 'node_bob', secretArn: 'arn:bob' },
  ],
};

const LOGINS: Record<string, { username: string; password: string }> = {
  'arn:admin': { username: 'admin', password: 'a' },
  'arn:alice': { username: 'node_alice', password: 'b' },
  'arn:bob': { username: 'node_bob', password: 'c' },
};

const depsOf = (setUp: DatabaseSetupDeps['setUp']): DatabaseSetupDeps => ({
  readLogin: (arn) => Promise.resolve(LOGINS[arn] ?? { username: 'nobody', password: '' }),
  setUp,
  log: silentLog,
});

describe('the half inside the VPC', () => {
  it('sets up, as the administrator, a login for every node', async () => {
    const asked: unknown[] = [];
    const answer = await prepareDatabase(
      depsOf((...all) => Promise.resolve(void asked.push(...all))),
      REQUEST,
    );
    expect(answer).toEqual({ outcome: 'done' });
    expect(asked).toEqual([
      { username: 'admin', password: 'a' },
      {
        iam: true,
        nodes: [
          { role: 'node_alice', password: 'b' },
          { role: 'node_bob', password: 'c' },
        ],
      },
    ]);
  });

  it('tells a database that does not answer yet from one that says no', async () => {
    const away = depsOf(() => Promise.reject(new DatabaseAway('starting up')));
    expect(await prepareDatabase(away, REQUEST)).toEqual({ outcome: 'away', reason: 'starting up' });
    const refused = depsOf(() => Promise.reject(new DatabaseRefused('may not create roles')));
    await expect(prepareDatabase(refused, REQUEST)).rejects.toThrow('may not create roles');
  });

  it("does not give one node another node's password", async () => {
    const swapped = { ...REQUEST, nodes: [{ role: 'node_alice', secretArn: 'arn:bob' }] };
    const never = depsOf(() => Promise.reject(new Error('must not be reached')));
    await expect(prepareDatabase(never, swapped)).rejects.toThrow(/is for node_bob and not for node_alice/);
  });
});

/** Lets time pass until the answer is there. */
async function settle<T>(clock: VirtualClock, pending: Promise<T>): Promise<T> {
  let done = false;
  const watched = pending.finally(() => (done = true));
  await clock.until(() => done, 10 * 60_000, 1_000);
  return watched;
}

function deployment(answers: (WorkerAnswer | Error)[]) {
  const clock = new VirtualClock();
  let asked = 0;
  const deps = {
    work: () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      return answer instanceof Error || answer === undefined
        ? Promise.reject(answer ?? new Error('not asked for'))
        : Promise.resolve(answer);
    },
    clock,
    random: { next: () => 0.5, id: () => 'id' },
    log: silentLog,
  };
  const send = (event: Partial<DatabaseDeploymentEvent> = {}) => {
    const ResourceProperties = { request: JSON.stringify(REQUEST) };
    return onDatabaseDeployment(deps, { RequestType: 'Create', ResourceProperties, ...event });
  };
  return { send, asked: () => asked, clock };
}

describe('the half that CloudFormation asks', () => {
  it('waits for a fresh instance, and succeeds', async () => {
    const away: WorkerAnswer = { outcome: 'away', reason: 'starting up' };
    const { send, asked, clock } = deployment([away, away, { outcome: 'done' }]);
    const answer = await settle(clock, send());
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalResourceId: 'understudy-database' });
    expect(asked()).toBe(3);
  });

  it('gives up after six minutes and says why', async () => {
    const { send, clock } = deployment([{ outcome: 'away', reason: 'no route' }]);
    const answer = await settle(clock, send());
    expect(answer).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('no route') as string });
    expect(clock.monotonicMs()).toBeLessThanOrEqual(6 * 60_000);
  });

  it('tries a failure three times: a permission takes seconds to spread', async () => {
    const failure = new OutsideRefused('AccessDenied');
    const cured = deployment([failure, failure, { outcome: 'done' }]);
    expect(await settle(cured.clock, cured.send())).toMatchObject({ status: 'SUCCESS' });
    const lasting = deployment([failure]);
    expect(await settle(lasting.clock, lasting.send())).toMatchObject({ status: 'FAILED' });
    expect(lasting.asked()).toBe(3);
  });

  it('takes nothing back at a deletion, and never asks the database', async () => {
    const { send, asked, clock } = deployment([new Error('gone')]);
    const answer = await settle(clock, send({ RequestType: 'Delete', PhysicalResourceId: 'theirs' }));
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalResourceId: 'theirs' });
    expect(asked()).toBe(0);
  });

  it('answers even what it does not understand', async () => {
    const { send, clock } = deployment([]);
    expect(await settle(clock, send({ ResourceProperties: {} }))).toMatchObject({ status: 'FAILED' });
  });
});

test('a server and a request are read as they are written, and nothing else is', () => {
  const server = { host: 'db', port: 5432, name: 'calls', tls: true };
  expect(parseServer(JSON.stringify(server))).toEqual(server);
  expect(() => parseServer('{"host":"db","port":"5432"}')).toThrow(/names no server/);
  expect(() => parseServer(undefined)).toThrow(/names no server/);
  expect(parseSetupRequest(REQUEST)).toEqual(REQUEST);
  expect(() => parseSetupRequest({ ...REQUEST, nodes: [{ role: 1 }] })).toThrow(/no request/);
});
