/** EC2 of the lab: an instance is the process of its node, stopped by SIGKILL and started anew. */
import type { InstanceView, Instances } from '../../lib/domain/ports';
import type { NodeProcess } from './node-process';

type State = 'running' | 'stopping' | 'stopped';

export class LabInstances implements Instances {
  private readonly states = new Map<string, State>();
  /** How long a stop takes; EC2 needs minutes, and a frozen node has that long to wake up. */
  stopTakesMs = 0;

  /** By instance id. */
  constructor(private readonly processes: ReadonlyMap<string, NodeProcess>) {}

  describe: Instances['describe'] = async (instanceIds) =>
    instanceIds.map((instanceId): InstanceView => ({ instanceId, state: this.state(instanceId), owner: null }));

  forceStop: Instances['forceStop'] = async (instanceId) => {
    if (this.state(instanceId) !== 'running') return;
    this.states.set(instanceId, 'stopping');
    setTimeout(() => {
      void this.process(instanceId)
        .kill()
        .then(() => this.states.set(instanceId, 'stopped'));
    }, this.stopTakesMs);
  };

  start: Instances['start'] = async (instanceId) => {
    if (this.state(instanceId) !== 'stopped') return;
    this.states.set(instanceId, 'running');
    this.process(instanceId).start();
  };

  tagOwner: Instances['tagOwner'] = async () => undefined;
  releaseOwner: Instances['releaseOwner'] = async () => undefined;

  private state(instanceId: string): State {
    return this.states.get(instanceId) ?? 'running';
  }

  private process(instanceId: string): NodeProcess {
    const found = this.processes.get(instanceId);
    if (found === undefined) throw new RangeError(`the lab has no instance ${instanceId}`);
    return found;
  }
}
