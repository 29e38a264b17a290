/** A node with one VIP as the topology has them, where a fake node listens, and what the adapters of ESL are made with. */
import { SystemClock } from '../../../lib/aws/system-clock';
import { SystemRandom } from '../../../lib/aws/system-random';
import type { NodeTopology, VipTopology } from '../../../lib/domain/model';
import type { FakeNode } from '../fake-node';

/** The real clock and dice; the password is the fake node's unless `password` says otherwise. */
export function given(password = { get: () => Promise.resolve('s3cret'), drop: (): void => undefined }) {
  return { password, clock: new SystemClock(), random: new SystemRandom() };
}

export function nodeOf(fake: FakeNode, host: string, more: Partial<NodeTopology> = {}): NodeTopology {
  return {
    id: 'a',
    zone: 'z',
    instanceId: 'i-1',
    managementAddress: host,
    eslPort: fake.eslPort,
    networkInterfaceId: 'eni-1',
    fingerprint: null,
    vipAddresses: { main: host },
    databaseRole: null,
    ...more,
  };
}

/** Its only candidate is the node of `nodeOf`. */
export function vipOf(fake: FakeNode, more: Partial<VipTopology> = {}): VipTopology {
  return {
    id: 'main',
    elasticIp: null,
    privateDns: null,
    profiles: ['external-main'],
    sipPort: fake.sipPort,
    candidates: ['a'],
    manualOnly: [],
    firstHolder: null,
    serviceAddress: null,
    group: null,
    ...more,
  };
}
