/** Which steps a change of holder has: what it skips from the first moment, because nothing could come of it. */
import type { Change } from '../../lib/domain/decision';
import { STEP_NAMES, type Policy, type StepName, type Topology } from '../../lib/domain/model';
import { firstRecord } from '../../lib/domain/transition';
import { policy, topologyOf } from '../support/cluster';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const holder = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };

function changeOf(transition: Change['transition'], cause: Change['cause'], from: Change['from'] = holder): Change {
  return {
    ...{ kind: 'change', vipId: 'main', transition, cause, from, to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } },
    ...{ expectedEpoch: 1, detectedAtMs: 0, startsBlock: false, follows: null, reasons: [] },
  };
}

const withPolicy = (change: Partial<Policy>): Topology => topologyOf(2, { database, policy: { ...policy, ...change } });
const withDatabase = withPolicy({ stopFailedNode: true, restoreFailedNode: true });
const withoutAddress: Topology = {
  ...withDatabase,
  vips: withDatabase.vips.map((vip) => ({ ...vip, elasticIp: null })),
};

const skippedBy = (change: Change, topology: Topology): StepName[] =>
  STEP_NAMES.filter((step) => firstRecord(step, change, topology).status === 'skipped');

describe('a change of holder skips', () => {
  it.each<[string, Change, StepName[]]>([
    [
      'what concerns an old holder, where there was none',
      changeOf('assignment', 'first-assignment', null),
      ['fence', 'lock', 'recover', 'stop', 'restore', 'notify'],
    ],
    ['nothing for a holder that died', changeOf('failover', 'conclusive-death'), []],
    ['nothing for a holder that may live', changeOf('failover', 'suspected-death'), []],
    ['nothing for a holder that is stuck', changeOf('failover', 'sip-stuck'), []],
    ['nothing for a candidate that died', changeOf('switchover', 'candidate-died'), []],
    ['no lock, stop and restore of a node that goes on', changeOf('reinstatement', 'restarted'), ['lock']],
    ['no recovery on the same process', changeOf('reinstatement', 'holder-in-standby'), ['lock', 'recover']],
    ['no lock of a process that ends by order', changeOf('switchover', 'operator'), ['lock']],
    ['no lock of a process that is left by itself', changeOf('failback', 'preferred-node-back'), ['lock']],
    ['no lock of a node that stays', changeOf('switchover', 'operator-drained'), ['lock']],
    ['nothing for a failover, by whatever order it goes on', changeOf('failover', 'operator'), []],
  ])('%s', (_words, change, skipped) => {
    const keepsNode = change.transition !== 'failover' && change.cause !== 'candidate-died';

    const expected = new Set([...skipped, ...(keepsNode ? ['stop', 'restore'] : [])]);
    expect(new Set(skippedBy(change, withDatabase))).toEqual(expected);
  });

  it('lock and recovery without a database, and says so', () => {
    const change = changeOf('failover', 'suspected-death');
    const topology = topologyOf(2);

    for (const step of ['lock', 'recover'] as const) {
      expect(firstRecord(step, change, topology)).toMatchObject({
        status: 'skipped',
        proof: 'the cluster has no database: established calls are not recovered',
      });
    }
  });

  it('no stop of an old process that its order may not have ended, where no address leaves it', () => {
    expect(skippedBy(changeOf('switchover', 'operator'), withoutAddress)).not.toContain('stop');
    expect(skippedBy(changeOf('switchover', 'operator-drained'), withoutAddress)).toContain('stop');
  });

  it('what the policy leaves to others, and brings back what was locked', () => {
    const failover = changeOf('failover', 'suspected-death');
    const runsOn = { stopFailedNode: false, restoreFailedNode: false };

    expect(skippedBy(failover, withPolicy(runsOn))).toEqual(['stop']);
    expect(skippedBy(failover, { ...withPolicy(runsOn), database: null })).toEqual(
      expect.arrayContaining(['stop', 'restore']),
    );
    expect(skippedBy(failover, { ...withPolicy({ ...runsOn, stopFailedNode: true }), database: null })).toContain(
      'restore',
    );
  });
});
