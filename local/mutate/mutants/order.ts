/** No effect without its proof: what is settled before a step begins. */
import { mutantsOf, type Mutant } from '../mutant';

const CONVERGE = ['test/operations/converge', 'test/operations/no-effect-without-proof'];

export const ORDER: Mutant[] = [
  ...mutantsOf('lib/domain/transition.ts', CONVERGE, [
    {
      id: 'fence-whoever-was-to-hold',
      rule: 'a node that a first assignment went to is fenced before another one takes its place',
      find: "return change.from === null ? skipped('there was no holder before') : PENDING;",
      replace: "return change.transition === 'assignment' ? skipped('there was no holder before') : PENDING;",
    },
    {
      id: 'dead-candidate-is-lost',
      rule: 'a candidate that died is stopped and restored, whatever it was to take over by',
      find: "return kind === 'failover' || cause === 'candidate-died';",
      replace: "return kind === 'failover';",
    },
    {
      id: 'planned-move-may-stop',
      rule: 'without a public address a frozen node that is to end by order is stopped',
      find: 'return vip?.elasticIp === null && endsByOrder(change.cause);',
      replace: 'return false;',
    },
    {
      id: 'order-before-stop',
      rule: 'a process gets the time to end by order before its instance is stopped',
      find: "needs none.\n      return ['fence'];",
      replace: 'needs none.\n      return [];',
    },
    {
      id: 'detach-before-attach',
      rule: 'the address is taken off before it is put on',
      find: "    case 'attach':\n      return ['detach'];",
      replace: "    case 'attach':\n      return [];",
    },
    {
      id: 'attach-before-promote',
      rule: 'the address is there before calls are let in',
      find: "return hasElasticIp ? ['attach'] : ['attach', 'fence'];",
      replace: "return hasElasticIp ? [] : ['attach', 'fence'];",
    },
    {
      id: 'fence-before-promote',
      rule: 'without a public address the fence comes before the promotion',
      find: "['attach'] : ['attach', 'fence']",
      replace: "['attach'] : ['attach']",
    },
    {
      id: 'attach-before-recover',
      rule: 'the address is there before calls are rebuilt',
      find: "knows.\n      return ['attach'];",
      replace: 'knows.\n      return [];',
    },
    {
      id: 'proofs-before-verify',
      rule: 'nothing is verified before it is fenced, named and promoted',
      find: "return hasElasticIp ? ['fence', 'promote'] : ['fence', 'dns', 'promote'];",
      replace: "return hasElasticIp ? ['promote'] : ['dns', 'promote'];",
    },
    {
      id: 'name-before-verify',
      rule: 'who has nothing but the name is served once it is written',
      find: "['fence', 'promote'] : ['fence', 'dns', 'promote']",
      replace: "['fence', 'promote'] : ['fence', 'promote']",
    },
    {
      id: 'address-serves-without-the-name',
      rule: 'who has a public address is served while Route 53 is away',
      find: "['fence', 'promote'] : ['fence', 'dns', 'promote']",
      replace: "['fence', 'dns', 'promote'] : ['fence', 'dns', 'promote']",
    },
    {
      id: 'name-read-back-with-the-rest',
      rule: 'verification waits a few seconds for the name',
      find: "rest.\n      return ['dns'];",
      replace: 'rest.\n      return [];',
    },
    {
      id: 'address-closes-without-the-name',
      rule: 'a public address closes the journal while Route 53 is away',
      find: "hasElasticIp ? CLOSING_STEPS.filter((step) => step !== 'dns') : CLOSING_STEPS",
      replace: 'CLOSING_STEPS',
    },
    {
      id: 'name-comes-later',
      rule: 'a name that was not written is written later',
      find: "['dns', 'notify', 'lock', 'ledger', 'stop', 'restore']",
      replace: "['notify', 'lock', 'ledger', 'stop', 'restore']",
    },
    {
      id: 'name-alone-waits',
      rule: 'what waits for more than the name is stuck in the end',
      find: "waiting.includes('dns') && ",
      replace: '',
    },
    {
      id: 'calls-counted-without-the-name',
      rule: 'the calls are counted in time while Route 53 is away',
      find: "['recover', 'verify'] : ['recover', 'promote']",
      replace: "['recover', 'verify'] : ['recover', 'verify']",
    },
    {
      id: 'restored-without-the-name',
      rule: 'the old node is brought back while Route 53 is away',
      find: "['stop', 'lock', 'fence', 'promote', 'recover']",
      replace: "['stop', 'lock', 'verify', 'recover']",
    },
    {
      id: 'verify-before-notify',
      rule: 'the page of the outcome waits for the outcome',
      find: "return ['verify'];",
      replace: 'return [];',
    },
    {
      id: 'stop-before-restore',
      rule: 'the old node is brought back after all is settled',
      find: "hasElasticIp ? ['stop', 'lock', 'verify', 'recover'] : ['stop', 'lock', 'fence', 'promote', 'recover']",
      replace: '[]',
    },
    {
      id: 'promote-before-stop',
      rule: 'with a public address the old node is stopped after the promotion',
      find: "return hasElasticIp ? ['promote'] : [];",
      replace: 'return [];',
    },
    {
      id: 'recover-before-promote',
      rule: 'calls are rebuilt before new ones are let in',
      find: "    case 'promote':\n      return ['recover'];",
      replace: "    case 'promote':\n      return [];",
      tests: ['test/operations/converge'],
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/recover.ts',
    ['test/operations/converge-calls', ...CONVERGE.slice(1)],
    [
      {
        id: 'lock-before-recover',
        rule: 'no row is touched before its owner is fenced',
        find: 'const fenced = await rowsFenced(context);',
        replace: 'const fenced = context.to.id === "" ? await rowsFenced(context) : [];',
      },
      {
        id: 'address-proves-no-rows',
        rule: 'that the address is gone says nothing about rows',
        find: 'if (fence === null || provesRows(fence)) return fence === null ? null : [];',
        replace: 'if (fence === null || context.to.id !== "") return fence === null ? null : [];',
      },
      {
        id: 'end-elsewhere-of-all',
        rule: 'the end of one process says nothing of the holders before it',
        find: 'transition.from === null || earlier.some(owesRows) ?',
        replace: 'transition.from === null ?',
        tests: ['test/operations/converge-switchover-calls'],
      },
      {
        id: 'ended-elsewhere-is-not-locked',
        rule: 'a node whose process ended by the order of another VIP is not locked',
        find: 'if (endElsewhere !== null) return [endElsewhere];',
        replace: '',
        tests: ['test/operations/converge-switchover-calls'],
      },
    ],
  ),
];
