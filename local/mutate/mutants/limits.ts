/** What is known of AWS's limits before AWS refuses a deployment. */
import { mutantsOf, type Mutant } from '../mutant';

export const LIMITS: Mutant[] = [
  ...mutantsOf(
    'lib/config/rules/security-group.ts',
    ['test/config/rules'],
    [
      {
        id: 'security-group-rules-are-told',
        rule: 'more rules than a security group takes by default are told before the deployment',
        find: 'if (needed <= RULES_A_GROUP) return;',
        replace: 'if (needed <= MOST_RULES_A_GROUP) return;',
      },
      {
        id: 'security-group-rules-beyond-any-quota',
        rule: 'more rules than any quota allows are refused',
        find: 'yield needed > MOST_RULES_A_GROUP',
        replace: 'yield needed > Infinity',
      },
      {
        id: 'security-group-counts-functions',
        rule: 'the rules of our own functions count too',
        find: ' + fromFunctions',
        replace: '',
      },
      {
        id: 'security-group-counts-vips',
        rule: 'the rules by which VIPs call each other count too',
        find: ' + fromNodes + fromVips',
        replace: '',
        tests: ['test/infra/security-group-rules'],
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/host/user-data.ts',
    ['test/freeswitch/host/user-data'],
    [
      {
        id: 'user-data-fits',
        rule: 'user data that EC2 would refuse are refused before',
        find: 'if (bytes <= MAX_USER_DATA_BYTES - ROOM_FOR_VALUES) return text;',
        replace: 'if (bytes > 0) return text;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/infra/control-plane/instance-evidence.ts',
    ['test/infra/stacks'],
    [
      {
        id: 'status-alarms-a-pattern',
        rule: 'no pattern is longer than EventBridge takes',
        find: 'ALARMS_A_RULE = 6',
        replace: 'ALARMS_A_RULE = 7',
      },
    ],
  ),
];
