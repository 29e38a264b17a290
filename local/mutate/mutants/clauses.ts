/** The conditions under which a decision is written: on DynamoDB, where it is made of them, and in memory. */
import { mutantsOf, type Mutant } from '../mutant';

const IN_MEMORY = ['test/simulation/memory-store'];
const ON_DYNAMO = ['test/aws/store/decision'];
const ALWAYS = 'attribute_exists(#pk)';

export const CLAUSES: Mutant[] = [
  ...mutantsOf('lib/simulation/memory-store.ts', IN_MEMORY, [
    {
      id: 'memory-look-from-the-future-gives-way',
      rule: 'a look that a wrong clock dated ahead silences no zone',
      find: 'stored.observedAtMs > nowMs + CLOCKS_APART_MS',
      replace: 'nowMs + CLOCKS_APART_MS < 0',
    },
    {
      id: 'memory-vip-has-expected-epoch',
      rule: 'a decision is for the epoch that was read',
      find: "['vip-has-expected-epoch', vip?.epoch === write.expectedEpoch]",
      replace: "['vip-has-expected-epoch', true]",
    },
    {
      id: 'memory-cluster-not-paused',
      rule: 'nothing is decided while the cluster is paused',
      find: "['cluster-not-paused', notPaused(this.control)]",
      replace: "['cluster-not-paused', true]",
    },
    {
      id: 'memory-vip-not-paused',
      rule: 'nothing is decided while the VIP is paused',
      find: "['vip-not-paused', notPaused(vip)]",
      replace: "['vip-not-paused', true]",
    },
    {
      id: 'memory-candidate-not-paused',
      rule: 'no VIP goes to a node that is paused',
      find: "['candidate-not-paused', notPaused(node)]",
      replace: "['candidate-not-paused', true]",
    },
    {
      id: 'memory-candidate-in-service',
      rule: 'no VIP goes to a node that is out of service',
      find: "['candidate-in-service', inService]",
      replace: "['candidate-in-service', true]",
    },
    {
      id: 'memory-candidate-free',
      rule: 'no node takes more VIPs than maxVipsPerNode',
      find: "['candidate-free', free]",
      replace: "['candidate-free', true]",
    },
    {
      id: 'memory-below-transition-cap',
      rule: 'no more transitions at once than maxTransitionsInFlight',
      find: "['below-transition-cap', belowCap]",
      replace: "['below-transition-cap', true]",
    },
    {
      id: 'memory-journal-absent',
      rule: 'one journal for each epoch',
      find: "['journal-absent', !this.transitions.has(transition.id)]",
      replace: "['journal-absent', true]",
    },
    {
      id: 'memory-superseded-journal-open',
      rule: 'only an open transition is sent elsewhere',
      find: "['superseded-journal-open', supersedes === null || this.transitions.get(supersedes)?.status === 'open']",
      replace: "['superseded-journal-open', true]",
    },
    {
      id: 'memory-previous-journal-closed',
      rule: 'only a retargeting follows an open transition',
      find: "['previous-journal-closed', supersedes !== null || previous?.status !== 'open']",
      replace: "['previous-journal-closed', true]",
    },
    {
      id: 'memory-window-ends',
      rule: 'a pause counts until the end of its window and no longer',
      find: '!isPaused(item, transition.decidedAtMs)',
      replace: '!item.paused',
    },
    {
      id: 'memory-step-needs-lease',
      rule: 'a step is recorded only by whoever has the lease',
      find: "recordStep', () => {\n      const transition = this.transitions.get(id);\n      if (transition?.lease?.owner !== owner) return false;",
      replace:
        "recordStep', () => {\n      const transition = this.transitions.get(id);\n      if (transition?.lease === null || transition === undefined) return false;",
    },
    {
      id: 'memory-close-needs-epoch',
      rule: 'a journal of an older epoch does not close',
      find: 'if (transition === undefined || vip?.epoch !== transition.epoch) return false;',
      replace: 'if (transition === undefined || vip === undefined) return false;',
      survives: 'whatever raises the epoch closes the older journal and takes its lease, which the next lines refuse',
    },
  ]),
  ...mutantsOf('lib/domain/store-rules.ts', IN_MEMORY, [
    {
      id: 'unfenced-node-is-not-free',
      rule: 'a node whose fence is not proved keeps its claim',
      find: 'if (!fenced) return [];',
      replace: '',
    },
    {
      id: 'restarted-holder-keeps-its-claim',
      rule: 'a retargeting does not free the old holder, which is unfenced',
      find: 'if (dead === next.to.nodeId || dead === superseded.from?.nodeId) return null;',
      replace: 'if (dead === next.to.nodeId) return null;',
    },
  ]),
  ...mutantsOf('lib/aws/store/decision-clauses.ts', ON_DYNAMO, [
    {
      id: 'dynamo-not-paused',
      rule: 'the condition of a pause (cluster, VIP and candidate)',
      find: "'(#paused = :notPaused OR #pausedUntilMs <= :decidedAt)'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'dynamo-below-transition-cap',
      rule: 'the condition of maxTransitionsInFlight',
      find: "expression: '#transitionsInFlight < :cap'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-vip-has-expected-epoch',
      rule: 'the condition of the epoch',
      find: "expression: '#epoch = :expectedEpoch'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-candidate-in-service',
      rule: 'the condition of a candidate in service',
      find: "expression: '(attribute_not_exists(#lockedBy) OR contains(#claims, :vipId))'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-candidate-free',
      rule: 'the condition of maxVipsPerNode',
      find: "expression: '(attribute_not_exists(#claims) OR size(#claims) < :maxVips OR contains(#claims, :vipId))'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-journal-absent',
      rule: 'the condition of one journal for each epoch',
      find: "expression: 'attribute_not_exists(#pk)'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-superseded-journal-open',
      rule: 'the condition of an open journal to supersede',
      find: "expression: '#status = :open'",
      replace: `expression: '${ALWAYS}'`,
    },
    {
      id: 'dynamo-previous-journal-closed',
      rule: 'the condition of a closed journal before',
      find: "expression: '(attribute_not_exists(#pk) OR #status <> :open)'",
      replace: `expression: '${ALWAYS}'`,
    },
  ]),
  ...mutantsOf('lib/aws/store/decision.ts', ON_DYNAMO, [
    {
      id: 'first-asks-cluster-not-paused',
      rule: 'a first decision is conditioned on the cluster’s pause',
      find: '[CLUSTER_NOT_PAUSED, BELOW_TRANSITION_CAP]',
      replace: '[BELOW_TRANSITION_CAP]',
    },
    {
      id: 'first-asks-below-transition-cap',
      rule: 'a first decision is conditioned on the cap of transitions',
      find: 'const clauses = [CLUSTER_NOT_PAUSED, BELOW_TRANSITION_CAP];',
      replace: 'const clauses = [CLUSTER_NOT_PAUSED];',
    },
    {
      id: 'retargeting-asks-cluster-not-paused',
      rule: 'a retargeting is conditioned on the cluster’s pause',
      find: 'const clauses = [CLUSTER_NOT_PAUSED];\n    return { operation: this.table.operations.check(controlKey(), join(clauses, write)), clauses };',
      replace:
        'const clauses = [JOURNAL_ABSENT];\n    return { operation: this.table.operations.check(controlKey(), join(clauses, write)), clauses };',
    },
    {
      id: 'asks-vip-has-expected-epoch',
      rule: 'a decision is conditioned on the epoch',
      find: '[VIP_HAS_EXPECTED_EPOCH, VIP_NOT_PAUSED]',
      replace: '[VIP_NOT_PAUSED]',
    },
    {
      id: 'asks-vip-not-paused',
      rule: 'a decision is conditioned on the VIP’s pause',
      find: 'const clauses = [VIP_HAS_EXPECTED_EPOCH, VIP_NOT_PAUSED];',
      replace: 'const clauses = [VIP_HAS_EXPECTED_EPOCH];',
    },
    {
      id: 'asks-candidate-not-paused',
      rule: 'a decision is conditioned on the candidate’s pause',
      find: '[CANDIDATE_NOT_PAUSED, CANDIDATE_IN_SERVICE, CANDIDATE_FREE]',
      replace: '[CANDIDATE_IN_SERVICE, CANDIDATE_FREE]',
    },
    {
      id: 'asks-candidate-in-service',
      rule: 'a decision is conditioned on the candidate being in service',
      find: 'const clauses = [CANDIDATE_NOT_PAUSED, CANDIDATE_IN_SERVICE, CANDIDATE_FREE];',
      replace: 'const clauses = [CANDIDATE_NOT_PAUSED, CANDIDATE_FREE];',
    },
    {
      id: 'asks-candidate-free',
      rule: 'a decision is conditioned on the candidate having room',
      find: 'CANDIDATE_IN_SERVICE, CANDIDATE_FREE];',
      replace: 'CANDIDATE_IN_SERVICE];',
    },
    {
      id: 'asks-journal-absent',
      rule: 'a decision is conditioned on there being no journal of its epoch',
      find: 'put(encodeTransition(write.transition), { clause })',
      replace: 'put(encodeTransition(write.transition), {})',
    },
    {
      id: 'asks-previous-journal-closed',
      rule: 'a first decision is conditioned on the journal before it being closed',
      find: 'if (write.expectedEpoch === 0) return [];',
      replace: 'return [];',
    },
    {
      id: 'asks-superseded-journal-open',
      rule: 'a retargeting is conditioned on the journal it replaces being open',
      find: "      clause,\n      values: {\n        ...values,\n        superseded: 'superseded',",
      replace: "      values: {\n        ...values,\n        superseded: 'superseded',",
    },
  ]),
];
