import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts one finding of cdk-nag on one construct, with the reason a reviewer would ask for. Never used on a stack:
 * an acknowledgement must not cover what is added later.
 *
 * @param ids rule ids; a finding of a rule with several is `Rule[Finding]`
 */
export function acknowledge(construct: IConstruct, ids: readonly string[], reason: string): void {
  for (const id of ids) Validations.of(construct).acknowledge({ id, reason });
}
