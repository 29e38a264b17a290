/** What the simulator takes for a change that no table has. */
import { mutantsOf, type Mutant } from '../mutant';

const MACHINE = ['test/domain/state-machine'];

export const STATE_MACHINE: Mutant[] = [
  ...mutantsOf('lib/domain/state-machine/machine.ts', MACHINE, [
    {
      id: 'edge-from-its-state',
      rule: 'an edge leads out of its own state',
      find: 'each.from === from && each.on === on && each.to === to',
      replace: 'each.on === on && each.to === to',
    },
    {
      id: 'edge-on-its-event',
      rule: 'and is taken on its own event',
      find: 'each.from === from && each.on === on && each.to === to',
      replace: 'each.from === from && each.to === to',
    },
    {
      id: 'edge-to-its-state',
      rule: 'and leads to the state that the table names',
      find: 'each.from === from && each.on === on && each.to === to',
      replace: 'each.from === from && each.on === on',
    },
  ]),
  ...mutantsOf('lib/domain/state-machine.ts', MACHINE, [
    {
      id: 'no-vip-is-lost',
      rule: 'a VIP that is gone is told',
      find: '    ...[...before.vips.keys()].filter((id) => !after.vips.has(id)),\n',
      replace: '',
    },
    {
      id: 'no-node-is-lost',
      rule: 'a node that is gone is told',
      find: '    ...[...before.nodes.keys()].filter((id) => !after.nodes.has(id)),\n',
      replace: '',
    },
    {
      id: 'no-open-journal-is-lost',
      rule: 'an open journal that is gone is told',
      find: '    ...open.filter((id) => !after.transitions.has(id)),\n',
      replace: '',
    },
    {
      id: 'closed-journals-expire',
      rule: 'a closed journal expires',
      find: ".filter(({ status }) => status === 'open').map(({ id }) => id);",
      replace: '.map(({ id }) => id);',
    },
  ]),
  ...mutantsOf('lib/domain/state-machine/vip.ts', MACHINE, [
    {
      id: 'vip-change-of-epoch-alone',
      rule: 'an epoch that changes is a change, whatever else stays',
      find: 'from === to && before.vip.epoch === after.vip.epoch && isSameHolder',
      replace: 'from === to && isSameHolder',
    },
    {
      id: 'vip-change-of-holder-alone',
      rule: 'a holder that changes is a change, whatever else stays',
      find: ' && isSameHolder(before.vip.holder, after.vip.holder);',
      replace: ';',
    },
    {
      id: 'vip-epoch-goes-up',
      rule: 'an epoch does not go back',
      find: "if (raisedBy > 0 && after.vip.holder === null) return 'epoch-adopted';",
      replace: "if (after.vip.holder === null) return 'epoch-adopted';",
    },
    {
      id: 'vip-epoch-by-one',
      rule: 'a decision is of the epoch after the last',
      find: 'raisedBy === 1 && journal !== null',
      replace: 'journal !== null',
    },
    {
      id: 'vip-epoch-by-a-decision',
      rule: 'no epoch without its journal',
      find: 'const isDecided = raisedBy === 1 && journal !== null && isSameHolder(vip.holder, journal.to);',
      replace: 'const isDecided = raisedBy === 1 && (journal === null || isSameHolder(vip.holder, journal.to));',
    },
    {
      id: 'vip-holder-of-its-decision',
      rule: 'a holder is the one of its decision',
      find: 'journal !== null && isSameHolder(vip.holder, journal.to);',
      replace: 'journal !== null;',
    },
    {
      id: 'vip-one-node-in-an-epoch',
      rule: 'within an epoch there is one node',
      find: 'holder === null || after.vip.holder?.nodeId !== holder.nodeId',
      replace: 'holder === null',
    },
    {
      id: 'vip-stuck-with-its-holder',
      rule: 'a change that gets stuck keeps its holder',
      find: "return isSameHolder(holder, after.vip.holder) ? 'stuck' : null;",
      replace: "return 'stuck';",
    },
    {
      id: 'vip-learns-what-was-unknown',
      rule: 'an incarnation that is known stays',
      find: "return holder.coreUuid === null ? 'incarnation-learned' : null;",
      replace: "return 'incarnation-learned';",
    },
    {
      id: 'vip-holder-is-a-node',
      rule: 'another node is another holder, whatever it runs',
      find: 'one?.nodeId === other?.nodeId && one?.coreUuid',
      replace: 'one?.coreUuid',
    },
    {
      id: 'vip-holder-is-a-process',
      rule: 'another process is another holder',
      find: 'one?.nodeId === other?.nodeId && one?.coreUuid === other?.coreUuid',
      replace: 'one?.nodeId === other?.nodeId',
    },
  ]),
  ...mutantsOf('lib/domain/state-machine/node.ts', MACHINE, [
    {
      id: 'node-one-fact-at-a-time',
      rule: 'no write touches the lock and the claims of a node',
      find: 'if (claimsChanged > 0) return null;',
      replace: '',
    },
    {
      id: 'node-one-claim-at-a-time',
      rule: 'one write concerns one claim',
      find: 'if (gained + lost !== 1) return null;',
      replace: '',
    },
    {
      id: 'node-out-of-service-stays',
      rule: 'a node out of service is not merely claimed',
      find: "return claims.length === 0 ? 'out-of-service' : 'leaving';",
      replace: "return claims.length === 0 ? 'free' : 'claimed';",
    },
  ]),
  ...mutantsOf('lib/domain/state-machine/transition.ts', MACHINE, [
    {
      id: 'journal-change-of-status',
      rule: 'a journal that changes its status is looked up',
      find: 'if (before?.status === after.status) return null;',
      replace: 'if (before !== null) return null;',
    },
  ]),
  ...mutantsOf('lib/domain/state-machine/pause.ts', MACHINE, [
    {
      id: 'window-over-is-not-resumed',
      rule: 'a window that ended by itself was resumed by nobody',
      find: "return after.item.paused ? 'window-over' : 'resumed';",
      replace: "return 'resumed';",
    },
  ]),
];
