/** After all that went before: nothing was refused that was needed, and nothing is granted that nobody uses. */
import { join } from 'node:path';

import { grantsIn, permissionOf } from '../support/grants';
import type { Stage } from '../support/stage';

/** Granted for others than the function's own code, which is why no function of ours is seen to use it: `actor action`. */
const USED_BY_SERVICES: readonly [grant: RegExp, by: string][] = [
  [/ logs:/, 'the Lambda service writes the log'],
  [/ kms:/, 'DynamoDB and SNS use the key on behalf of the function'],
  [/ sqs:SendMessage$/, 'the Lambda service moves failed events into the queue'],
  [/ sqs:GetQueue/, "the CDK's grant for a queue of failed events has them too"],
  [/ dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/, 'the Lambda service reads the stream'],
  [
    /^(observer|node-control) ec2:\w*(NetworkInterface|Subnet|PrivateIpAddress)/,
    'the Lambda service makes the interfaces in the VPC',
  ],
];

/** Refusals that are no missing permission. */
const NOTHING_TO_TOUCH: readonly [refusal: string, because: string][] = [
  [
    'failover ec2:DisassociateAddress',
    'the association is gone (its answer was lost), so that no address with our tag is behind it any more',
  ],
];

/** Granted for days that the suite does not play. */
const FOR_RARER_DAYS: readonly [grant: string, when: string][] = [];

export function permissions(stage: () => Stage): void {
  describe('the functions', () => {
    it('were refused nothing by IAM, except what a test refused', () => {
      stage().book.keep();
      const explained = NOTHING_TO_TOUCH.map(([refusal]) => refusal);
      expect(stage().book.refusals.filter((refusal) => !explained.includes(refusal))).toEqual([]);
    });

    it('have no permission that they never use', () => {
      const used = new Set(stage().book.kinds.map((call) => `${call.actor} ${permissionOf(call)}`));
      const rare = new Set(FOR_RARER_DAYS.map(([grant]) => grant));
      const unused = grantsIn(join(stage().world.deployOptions.workDir, 'cdk.out'))
        .map(({ actor, action }) => `${actor} ${action}`)
        .filter((grant) => !USED_BY_SERVICES.some(([pattern]) => pattern.test(grant)))
        .filter((grant) => !used.has(grant) && !rare.has(grant));
      expect(unused).toEqual([]);
    });
  });
}
