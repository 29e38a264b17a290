import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';

export const PROJECT_DIR = join(__dirname, '..', '..', '..');

/** An emulator for the tests of one file. */
export function useEmulator(name: string, options: Partial<EmulatorOptions> = {}): () => Emulator {
  let emulator: Emulator | null = null;
  beforeAll(async () => {
    emulator = await startEmulator({ projectDir: PROJECT_DIR, instanceName: `test-${name}`, ...options });
  });
  afterAll(async () => {
    await emulator?.stop();
  });
  return () => {
    if (emulator === null) {
      throw new Error('The emulator is started in beforeAll.');
    }
    return emulator;
  };
}

/** Asks until the answer is not null; fails with `what` after the deadline. */
export async function eventually<T>(what: string, ask: () => Promise<T | null>, deadlineMs = 20_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    }
    await sleep(50);
  }
}

/** The name of the AWS error that a call ends with; fails when it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => {
      throw new Error('The call was expected to fail.');
    },
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}

export interface Stack {
  outputs(): Promise<Record<string, string>>;
  update(template: object): Promise<void>;
  /** Ends with the status that the stack has then. */
  delete(): Promise<string>;
}

/** A template without the CDK: what CloudFormation itself does with the emulator's resource types. */
export async function deploy(emulator: Emulator, name: string, template: object): Promise<Stack> {
  const cfn = new CloudFormationClient(awsClientConfig(emulator));
  const settled = (stack: string) =>
    eventually(`stack ${name} settled`, async () => {
      const found = (await cfn.send(new DescribeStacksCommand({ StackName: stack }))).Stacks?.[0];
      return found === undefined || found.StackStatus?.endsWith('_IN_PROGRESS') ? null : found;
    });
  const mustBe = async (wanted: string) => {
    const { StackStatus } = await settled(name);
    if (StackStatus !== wanted) {
      const { StackEvents } = await cfn.send(new DescribeStackEventsCommand({ StackName: name }));
      const reasons = StackEvents?.filter((e) => e.ResourceStatusReason).map((e) => e.ResourceStatusReason);
      throw new Error(`${name} is ${String(StackStatus)}, not ${wanted}: ${String(reasons?.join('; '))}`);
    }
  };
  const body = { TemplateBody: JSON.stringify(template), Capabilities: ['CAPABILITY_IAM' as const] };
  const { StackId } = await cfn.send(new CreateStackCommand({ StackName: name, ...body }));
  await mustBe('CREATE_COMPLETE');
  return {
    outputs: async () => {
      const { Outputs } = await settled(name);
      return Object.fromEntries(Outputs?.map((o) => [String(o.OutputKey), String(o.OutputValue)]) ?? []);
    },
    update: async (changed) => {
      await cfn.send(new UpdateStackCommand({ ...body, StackName: name, TemplateBody: JSON.stringify(changed) }));
      await mustBe('UPDATE_COMPLETE');
    },
    delete: async () => {
      await cfn.send(new DeleteStackCommand({ StackName: name }));
      return String((await settled(String(StackId))).StackStatus);
    },
  };
}

const NODE_RUNTIME = 'nodejs22.x';

/** A role and a function with its code in the template, as logical ids `${id}Role` and `${id}`. */
export function inlineFunction(id: string, code: string, timeoutS = 30): Record<string, object> {
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'all',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
            },
          },
        ],
      },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: id,
        Runtime: NODE_RUNTIME,
        Handler: 'index.handler',
        Timeout: timeoutS,
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Code: { ZipFile: code },
      },
    },
  };
}

/** A VPC with one subnet in zone b, the ground of the EC2 tests. */
export const GROUND = {
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '127.64.0.0/16' } },
  Subnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '127.64.1.0/24', AvailabilityZone: 'us-east-1b' },
  },
};
