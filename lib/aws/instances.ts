/** The EC2 instances of nodes: seen, stopped by force, started, marked as ours. */
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type DescribeInstancesResult,
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

/** The only answers that say that an instance is gone. */
const GONE = ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'];

/** EC2 puts up to 1,000 instances on a page, and short pages are allowed; what is still not listed is asked for by id. */
const MAX_PAGES = 5;

export class Ec2Instances implements Instances {
  /** @param owner value of the ownership tag of this deployment */
  constructor(
    private readonly client: EC2Client,
    private readonly calls: OutsideCalls,
    private readonly owner: string,
  ) {}

  /** Whoever is left out counts as gone, and so as dead: a list that does not name it is no proof of that. */
  async describe(instanceIds: string[]): Promise<InstanceView[]> {
    if (instanceIds.length === 0) return [];
    const listed = await this.list(instanceIds);
    const unlisted = instanceIds.filter((id) => !listed.some(({ instanceId }) => instanceId === id));
    const asked = await Promise.all(unlisted.map((id) => this.lookAt(id)));
    return [...listed, ...asked.filter((view) => view !== null)];
  }

  /** By filter and not by id: one instance that is gone would make EC2 refuse to describe all others. */
  private async list(instanceIds: string[]): Promise<InstanceView[]> {
    const views: InstanceView[] = [];
    let from: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-id', Values: instanceIds }],
        ...(from === undefined ? {} : { NextToken: from }),
      });
      const result = await this.run('DescribeInstances', instanceIds.join(', '), (signal) =>
        this.client.send(command, { abortSignal: signal }),
      );
      views.push(...viewsIn(result, instanceIds));
      from = result.NextToken;
      // An empty token ends the list, as none does.
      if (from === undefined || from === '') break;
    }
    return views;
  }

  /** null: EC2 says that there is none of this id. An answer that says nothing leaves its state unknown. */
  private lookAt(instanceId: string): Promise<InstanceView | null> {
    const command = new DescribeInstancesCommand({ InstanceIds: [instanceId] });
    return this.run('DescribeInstances', `instance ${instanceId}`, (signal) =>
      answer(
        this.client
          .send(command, { abortSignal: signal })
          .then((result) => viewsIn(result, [instanceId])[0] ?? { instanceId, state: 'unknown', owner: null }),
        GONE,
        () => null,
      ),
    );
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

function viewsIn({ Reservations = [] }: DescribeInstancesResult, wanted: readonly string[]): InstanceView[] {
  return Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId: instanceId, State, Tags }) =>
    instanceId !== undefined && wanted.includes(instanceId)
      ? [{ instanceId, state: State?.Name ?? 'unknown', owner: tagValue(Tags, OWNER_TAG) }]
      : [],
  );
}
