/** The rules that both stores share. Those that a claim hangs on are in clauses.ts. */
import { mutantsOf, type Mutant } from '../mutant';

const LIMIT = ['test/domain/failover-limit'];

export const STORE_RULES: Mutant[] = mutantsOf(
  'lib/domain/store-rules.ts',
  ['test/simulation/memory-store'],
  [
    {
      id: 'rules-subject-of-a-vip',
      rule: 'an incident of one VIP hides none of another',
      find: 'return incident.vipId ?? incident.nodeId',
      replace: 'return incident.nodeId',
    },
    {
      id: 'rules-subject-of-a-node',
      rule: 'an incident of one node hides none of another',
      find: "return incident.vipId ?? incident.nodeId ?? 'cluster';",
      replace: "return incident.vipId ?? 'cluster';",
    },
    {
      id: 'rules-incident-without-an-epoch',
      rule: 'an incident without an epoch is news once',
      find: 'if (standing.epoch === null || raised.epoch === null) return true;',
      replace: 'if (standing.epoch === null || raised.epoch === null) return false;',
    },
    {
      id: 'rules-standing-without-an-epoch',
      rule: 'an incident that stands without an epoch stays the same at an epoch',
      find: 'if (standing.epoch === null || raised.epoch === null) return true;',
      replace: 'if (standing.epoch === null) return false;\n  if (raised.epoch === null) return true;',
    },
    {
      id: 'rules-incident-of-the-same-epoch',
      rule: 'the same stuck change seen twice is not news',
      find: 'return raised.epoch <= standing.epoch;',
      replace: 'return raised.epoch < standing.epoch;',
    },
    {
      id: 'rules-incident-of-an-earlier-epoch',
      rule: 'an incident of an earlier epoch is not news',
      find: 'return raised.epoch <= standing.epoch;',
      replace: 'return raised.epoch === standing.epoch;',
    },
    {
      id: 'rules-incident-of-a-later-epoch',
      rule: 'an incident is news again at a later epoch',
      find: 'return raised.epoch <= standing.epoch;',
      replace: 'return true;',
    },
    {
      id: 'rules-standing-of-a-paused-cluster',
      rule: 'a paused cluster stops a convergence',
      find: "    { item: control, says: `the cluster is paused: ${control.pausedReason ?? 'no reason given'}` },\n",
      replace: '',
    },
    {
      id: 'rules-standing-of-a-paused-vip',
      rule: 'a paused VIP stops its convergence',
      find: '    { item: vip, says: `${vip.vipId} is paused` },\n',
      replace: '',
    },
    {
      id: 'rules-standing-after-the-window',
      rule: 'a window that has ended stops nothing',
      find: '.filter(({ item }) => isPaused(item, nowMs))',
      replace: '.filter(({ item }) => item.paused)',
    },
    {
      id: 'rules-open-is-unfinished',
      rule: 'an open transition is worked on',
      find: "if (transition.status === 'open') return true;",
      replace: '',
    },
    {
      id: 'rules-stuck-is-finished',
      rule: 'a stuck or superseded transition is not worked on',
      find: "if (transition.status !== 'done') return false;",
      replace: '',
    },
    {
      id: 'rules-done-with-a-later-step',
      rule: 'a done transition is worked on until its later steps have ended',
      find: "return LATER_STEPS.some((step) => transition.steps[step].status === 'pending');",
      replace: 'return false;',
    },
    {
      id: 'rules-retargeting-to-the-same-node',
      rule: 'a retargeting to the same node keeps its claim',
      find: 'if (dead === next.to.nodeId || dead === superseded.from?.nodeId) return null;',
      replace: 'if (dead === superseded.from?.nodeId) return null;',
    },
    {
      id: 'rules-stuck-after-a-proven-fence',
      rule: 'a node that is fenced is free though the transition got stuck',
      find: " || transition.steps.fence.status === 'done';",
      replace: ';',
    },
    {
      id: 'rules-holder-keeps-its-claim',
      rule: 'the holder keeps its claim',
      find: 'node.nodeId !== holderNodeId && ',
      replace: '',
    },
    {
      id: 'rules-claims-of-this-vip',
      rule: 'only claims on this VIP go back',
      find: ' && node.claims.includes(transition.vipId)',
      replace: '',
    },
    {
      id: 'rules-new-cluster-paused',
      rule: 'a new table is paused where the deployment asks for it',
      find: 'return { paused, pausedReason,',
      replace: 'return { paused: false, pausedReason,',
    },
    {
      id: 'rules-new-vip-at-its-epoch',
      rule: 'a new VIP starts at the epoch that the world carries',
      find: '    vipId,\n    epoch,\n',
      replace: '    vipId,\n    epoch: 0,\n',
    },
    {
      id: 'rules-new-vip-since',
      rule: 'a new VIP is without a holder since it was made',
      find: 'changedAtMs: atMs,',
      replace: 'changedAtMs: 0,',
    },
    {
      id: 'rules-last-failover-counts',
      rule: 'the last failover counts also where the list does not know it',
      find: '[...vip.recentFailoversAtMs.filter((atMs) => atMs < last), last]',
      replace: '[...vip.recentFailoversAtMs]',
      tests: LIMIT,
    },
    {
      id: 'rules-last-failover-counts-once',
      rule: 'the last failover counts once',
      find: 'vip.recentFailoversAtMs.filter((atMs) => atMs < last)',
      replace: 'vip.recentFailoversAtMs',
      tests: LIMIT,
    },
    {
      id: 'rules-failovers-of-days-ago',
      rule: 'failovers that nobody can ask for are forgotten',
      find: ' && atMs - each < KEPT.forMs',
      replace: '',
    },
    {
      id: 'rules-failovers-kept',
      rule: 'failovers of the longest window are kept',
      find: 'forMs: 86_400_000',
      replace: 'forMs: 3_600_000',
    },
    {
      id: 'rules-failovers-in-order',
      rule: 'no failover is kept that is not before the new one',
      find: 'each < atMs && ',
      replace: '',
      tests: LIMIT,
    },
    {
      id: 'rules-failovers-newest',
      rule: 'the list of failovers has an end, and the newest are kept',
      find: '.slice(-KEPT.newest)',
      replace: '',
      tests: LIMIT,
    },
    {
      id: 'rules-nodes-that-are-named',
      rule: 'a node that the topology does not name takes no part',
      find: 'node: (id) => nodes.has(id)',
      replace: "node: (id) => id !== ''",
    },
    {
      id: 'rules-vips-that-are-named',
      rule: 'a VIP that the topology does not name takes no part',
      find: 'vip: (id) => vips.has(id)',
      replace: "vip: (id) => id !== ''",
    },
    {
      id: 'rules-next-epoch',
      rule: 'a decision is for the epoch right after the one that was read',
      find: 'if (transition.epoch !== expectedEpoch + 1) {',
      replace: 'if (transition.epoch < expectedEpoch) {',
    },
  ],
);
