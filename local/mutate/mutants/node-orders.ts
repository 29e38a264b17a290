/** What proves an order to a node. */
import { mutantsOf, type Mutant } from '../mutant';

const ORDERS = ['test/freeswitch/node-control.test'];

export const NODE_ORDERS: Mutant[] = [
  ...mutantsOf('lib/freeswitch/shutdown.ts', ORDERS, [
    {
      id: 'goodbye-is-no-order',
      rule: 'a node that hung up before the order is not said to have ended by it',
      find: 'if (!connection.isOpen) return await endsByItself(task, running);',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/freeswitch/promotion.ts', ORDERS, [
    {
      id: 'paused-is-not-full',
      rule: 'a paused node, which answers as a full one does, is not taken for serving',
      find: "if (paused === 'true') return",
      replace: "if (paused === 'true') return null;\n  if (paused === '') return",
    },
    {
      id: 'unknown-pause-is-not-full',
      rule: 'a node that does not say whether it is paused is not taken for full',
      find: "if (paused !== 'false') return",
      replace: "if (paused === '') return",
    },
    {
      id: 'room-is-not-full',
      rule: 'a node with room for sessions is not taken for full, whatever it answers',
      find: 'if (sessions >= limit) return null;',
      replace: 'return null;',
    },
  ]),
  ...mutantsOf('lib/freeswitch/profile-questions.ts', ORDERS, [
    {
      id: 'only-full-hides-standby',
      rule: 'no other 503 counts as that of a full node',
      find: '/^503 Maximum Calls In Progress$/i',
      replace: '/^503 (Maximum Calls In Progress|System Busy)$/i',
    },
  ]),
  ...mutantsOf('lib/freeswitch/node-control.ts', ORDERS, [
    {
      id: 'demoted-not-serving',
      rule: 'a standby is believed when no profile takes new calls',
      find: '!mayStandBy(answer)',
      replace: "answer.where === ''",
    },
    {
      id: 'full-and-promoted',
      rule: 'a full node serves a VIP only where it reads as promoted',
      find: 'return promoted ? whyNotFull',
      replace: 'return promoted !== null ? whyNotFull',
    },
  ]),
];
