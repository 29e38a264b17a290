/** Who made a call: the emulator gives each function a key of its own, and the proxy writes the key down. */
import { createHash } from 'node:crypto';

import { LambdaClient, ListFunctionsCommand, type FunctionConfiguration } from '@aws-sdk/client-lambda';

import { awsClientConfig } from '../../../local/emulator/loopback';

/** The functions of a cluster by what they do; `outside` is everybody else (the CDK, the tests). */
export type Actor =
  'observer' | 'failover' | 'node-control' | 'registrar' | 'guard' | 'evidence' | 'database' | 'outside';

export interface FunctionIdentity {
  name: string;
  actor: Actor;
  accessKeyId: string;
}

/** Parts of the functions' names: CloudFormation puts the path of the construct into them, cut to its first letters. */
const NAME_PARTS: readonly [part: RegExp, actor: Actor][] = [
  [/Observer/, 'observer'],
  [/Failover/, 'failover'],
  [/NodeC/, 'node-control'],
  [/Regist/, 'registrar'],
  [/Guard/, 'guard'],
  [/InstanceEv/, 'evidence'],
  [/^Database/, 'database'],
];

/** Every function of the cluster. Throws when one has a name that none of the actors explains. */
export async function functionsOf(aws: { endpoint: string }, cluster: string): Promise<FunctionIdentity[]> {
  const lambda = new LambdaClient(awsClientConfig(aws));
  try {
    const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand({ MaxItems: 50 }));
    return functions.filter((each) => each.FunctionName?.startsWith(`Understudy-${cluster}-`)).map(identityOf);
  } finally {
    lambda.destroy();
  }
}

/** Of a function's name, or of its logical id in a template. Throws when none is known. */
export function actorNamed(name: string): Actor {
  // Without the names of the stack and of the construct around all functions, which have words of the others in them.
  const own = name.replace(/^Understudy-[^-]+-[^-]+-/, '').replace(/^ControlPlane/, '');
  const actor = NAME_PARTS.find(([part]) => part.test(own))?.[1];
  if (actor === undefined) throw new Error(`no actor is known for the function ${name}: add its name to NAME_PARTS`);
  return actor;
}

function identityOf(found: FunctionConfiguration): FunctionIdentity {
  const name = found.FunctionName ?? '';
  // MiniStack 1.5.33, core/lambda_runtime.py, execution_credentials: the key is made of the two ARNs.
  const digest = createHash('sha256').update(`${found.FunctionArn}:${found.Role}`).digest('hex');
  return { name, actor: actorNamed(name), accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}` };
}
