/** What the synthesised templates allow each function, to be held against what it did. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { actorNamed, type Actor } from './actors';
import type { Call } from './call-book';

export interface Grant {
  actor: Actor;
  /** As IAM writes it: `ec2:AssociateAddress`. */
  action: string;
}

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

interface Statement {
  Effect: string;
  Action: string | string[];
}

/** Every action that a policy in these templates allows a function, once. */
export function grantsIn(assembly: string): Grant[] {
  const grants = readdirSync(assembly)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => grantsOf(JSON.parse(readFileSync(join(assembly, name), 'utf8')) as Template));
  return [...new Map(grants.map((grant) => [`${grant.actor} ${grant.action}`, grant])).values()];
}

interface Template {
  Resources: Record<string, Resource>;
}

function grantsOf({ Resources: resources }: Template): Grant[] {
  const policies = Object.values(resources).filter((each) => each.Type === 'AWS::IAM::Policy');
  return Object.entries(resources)
    .filter(([, resource]) => resource.Type === 'AWS::Lambda::Function')
    .flatMap(([logicalId, lambda]) => {
      const role = (lambda.Properties?.['Role'] as { 'Fn::GetAtt'?: string[] } | undefined)?.['Fn::GetAtt']?.[0];
      const own = policies.filter((policy) => JSON.stringify(policy.Properties?.['Roles']).includes(`"${role}"`));
      const actions = own.flatMap((policy) => allowed(policy.Properties?.['PolicyDocument']));
      return actions.map((action) => ({ actor: actorNamed(logicalId), action }));
    });
}

function allowed(document: unknown): string[] {
  const { Statement: statements } = document as { Statement: Statement[] };
  return statements.filter((each) => each.Effect === 'Allow').flatMap((each) => each.Action);
}

/** Actions whose permission has another name than the call. */
const PERMISSION_OF: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

export function permissionOf({ service, action }: Call): string {
  return PERMISSION_OF[`${service}:${action}`] ?? `${service}:${action}`;
}
