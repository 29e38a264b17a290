/** The EC2 instances of nodes: seen, stopped by force, started, marked as ours. */
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { OutsideRefused } from '../domain/errors';
import type { Instances, InstanceView } from '../domain/ports';
import { answer, CONTROL_POLICY, type OutsideCalls } from './call';
import { OWNER_TAG, tagValue } from './tags';

/**
 * A stop of an instance that is stopped or terminated is refused with `IncorrectInstanceState`, one of an instance that
 * is gone for good with `InvalidInstanceID.NotFound` (EC2 API reference, error codes). Both mean what the stop wanted.
 */
const STOPPED_ALREADY = ['IncorrectInstanceState', 'InvalidInstanceID.NotFound'];

export class Ec2Instances implements Instances {
  /** @param owner value of the ownership tag of this deployment */
  constructor(
    private readonly client: EC2Client,
    private readonly calls: OutsideCalls,
    private readonly owner: string,
  ) {}

  /** By filter and not by id: one instance that is gone would make EC2 refuse to describe all others. */
  async describe(instanceIds: string[]): Promise<InstanceView[]> {
    if (instanceIds.length === 0) return [];
    const command = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: instanceIds }] });
    const result = await this.run('DescribeInstances', instanceIds.join(', '), (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    const wanted = new Set(instanceIds);
    return (result.Reservations ?? [])
      .flatMap((reservation) => reservation.Instances ?? [])
      .filter((instance) => instance.InstanceId !== undefined && wanted.has(instance.InstanceId))
      .map((instance) => ({
        instanceId: instance.InstanceId ?? '',
        state: instance.State?.Name ?? 'unknown',
        owner: tagValue(instance.Tags, OWNER_TAG),
      }));
  }

  /** Force and SkipOsShutdown: a shutdown of the system would let FreeSWITCH send BYEs and delete rows by uuid. */
  async forceStop(instanceId: string): Promise<void> {
    const command = new StopInstancesCommand({ InstanceIds: [instanceId], Force: true, SkipOsShutdown: true });
    await this.run('StopInstances', `instance ${instanceId}`, (signal) =>
      answer(this.client.send(command, { abortSignal: signal }), STOPPED_ALREADY, () => null),
    );
  }

  /**
   * EC2 answers a start of what runs already as a success. One that comes while the instance still stops is refused
   * with `IncorrectInstanceState`, as is one of what is terminated; the state is read, so that the error can say it.
   * @throws OutsideRefused while it is not startable, naming the state it is in
   */
  async start(instanceId: string): Promise<void> {
    const command = new StartInstancesCommand({ InstanceIds: [instanceId] });
    const refusal = await this.run('StartInstances', `instance ${instanceId}`, (signal) =>
      answer(
        this.client.send(command, { abortSignal: signal }).then(() => null),
        ['IncorrectInstanceState'],
        (cause) => ({ cause }),
      ),
    );
    if (refusal === null) return;
    const state = (await this.describe([instanceId]))[0]?.state ?? 'gone';
    if (state === 'running' || state === 'pending') return;
    throw new OutsideRefused(
      `ec2:StartInstances on instance ${instanceId} was refused: it is ${state}; ` +
        'it can be started once it is stopped, which takes 1 to 4 minutes',
      refusal,
    );
  }

  async tagOwner(instanceId: string, owner: string): Promise<void> {
    const command = new CreateTagsCommand({ Resources: [instanceId], Tags: [{ Key: OWNER_TAG, Value: owner }] });
    await this.run('CreateTags', `instance ${instanceId}`, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
  }

  /** Only a tag of ours: a node that another deployment claimed, or that is gone, is left alone. */
  async releaseOwner(instanceId: string): Promise<void> {
    const [instance] = await this.describe([instanceId]);
    if (instance?.owner !== this.owner) return;
    const command = new DeleteTagsCommand({ Resources: [instanceId], Tags: [{ Key: OWNER_TAG }] });
    await this.run('DeleteTags', `instance ${instanceId}`, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
  }

  private run<T>(action: string, resource: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.calls.run({ service: 'ec2', action, resource }, CONTROL_POLICY, attempt);
  }
}
