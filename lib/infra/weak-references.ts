import { CfnResource, ReferenceStrength } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Lets other stacks refer to what may be replaced or left out: by its stack's output (`Fn::GetStackOutput`), read when
 * they are deployed. An export that they import could neither change nor go: CloudFormation would refuse it, and they
 * are deployed later. It is not for what others stand on, such as the network: there that refusal protects them.
 */
export function mayChange(scope: IConstruct): void {
  for (const each of scope.node.findAll()) {
    if (CfnResource.isCfnResource(each)) each.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
  }
}
