/**
 * EC2: instances that take minutes to stop and come up elsewhere, Elastic IPs whose associations have names, reads that
 * may be old, and state changes told best effort.
 */
import { ForeignOwner, OutsideRefused } from '../../domain/errors';
import type {
  EipAssociation,
  ElasticIpFacts,
  ElasticIps,
  InstanceFacts,
  Instances,
  Inventory,
  InstanceView,
} from '../../domain/ports';
import type { Kernel } from '../kernel/kernel';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import type { Weather } from './weather';

export interface SimInstance {
  instanceId: string;
  nodeId: string;
  zone: string;
  networkInterfaceId: string;
  primaryAddress: string;
  secondaryAddresses: string[];
  state: 'pending' | 'running' | 'stopping' | 'stopped';
  owner: string | null;
}

export interface SimElasticIp {
  allocationId: string;
  publicIp: string;
  association: EipAssociation | null;
  owner: string | null;
  epoch: number | null;
  /** What a stale read still shows, and until when. */
  before: { association: EipAssociation | null; untilMs: number } | null;
}

/** What the machines do when EC2 stops and starts them. */
export interface Machines {
  powerOff(nodeId: string): void;
  /** On other hardware. */
  powerOn(nodeId: string): void;
}

/** Stopping by force: one to four minutes (DESIGN section 4); the machine itself is off sooner. */
export const STOP_MS = [60_000, 240_000] as const;
const POWER_OFF_SHARE = 0.3;
const START_MS = [15_000, 40_000] as const;
/** "Best effort" (EventBridge, EC2 events): most within a second, some late, a few never. */
const EVENT_LOST = 0.02;

export class Ec2 {
  readonly instances = new Map<string, SimInstance>();
  readonly elasticIps = new Map<string, SimElasticIp>();
  /** How long reads may be old after a change. */
  staleForMs = 0;
  private associations = 0;
  /** Of every change of an association: who asked, and what it was. */
  onAssociation: (allocationId: string, now: EipAssociation | null) => void = () => undefined;
  onStateChange: (instance: SimInstance, lateMs: number) => void = () => undefined;

  constructor(
    private readonly kernel: Kernel,
    private readonly dice: Dice,
    private readonly weather: Weather,
    private readonly machines: Machines,
    private readonly stopMs: readonly [number, number],
  ) {}

  instanceOf(nodeId: string): SimInstance {
    const found = [...this.instances.values()].find((each) => each.nodeId === nodeId);
    if (found === undefined) throw new Error(`the simulation has no instance of ${nodeId}`);
    return found;
  }

  /** Associates past everybody: what a hand does, or an address that was carried before. */
  associateByHand(allocationId: string, nodeId: string, privateAddress: string): void {
    const { instanceId, networkInterfaceId } = this.instanceOf(nodeId);
    this.change(this.address(allocationId), this.association(networkInterfaceId, privateAddress, instanceId));
  }

  addressesSeenBy(process: Process, owner: string): ElasticIps {
    const call = <T>(action: string, effect: () => T): Promise<Awaited<T>> =>
      this.weather.call(process, 'ec2', action, effect);
    return {
      read: (allocationId) =>
        call('DescribeAddresses', () => {
          const eip = this.address(allocationId);
          if (eip.owner !== null && eip.owner !== owner) throw new ForeignOwner(`${allocationId} is ${eip.owner}'s`);
          return { association: this.readOf(eip), owner: eip.owner, epoch: eip.epoch };
        }),
      readByPrivateAddress: (networkInterfaceId, privateAddress) =>
        call('DescribeAddresses', () => {
          for (const eip of this.elasticIps.values()) {
            const at = this.readOf(eip);
            if (at?.networkInterfaceId === networkInterfaceId && at.privateAddress === privateAddress) {
              return { allocationId: eip.allocationId };
            }
          }
          return null;
        }),
      detach: (associationId) =>
        call('DisassociateAddress', () => {
          const eip = [...this.elasticIps.values()].find((each) => each.association?.associationId === associationId);
          if (eip === undefined) return 'already-gone' as const;
          this.change(eip, null);
          return 'detached' as const;
        }),
      attach: ({ allocationId, networkInterfaceId, privateAddress }) =>
        call('AssociateAddress', () => {
          const eip = this.address(allocationId);
          if (eip.association !== null) return 'taken' as const;
          const instance = [...this.instances.values()].find((each) => each.networkInterfaceId === networkInterfaceId);
          this.change(eip, this.association(networkInterfaceId, privateAddress, instance?.instanceId ?? null));
          return 'attached' as const;
        }),
      tag: (allocationId, { owner: value, epoch }) =>
        call('CreateTags', () => void Object.assign(this.address(allocationId), { owner: value, epoch })),
      release: (allocationId) =>
        call('DeleteTags', () => void Object.assign(this.address(allocationId), { owner: null, epoch: null })),
    };
  }

  instancesSeenBy(process: Process): Instances {
    const call = <T>(action: string, effect: () => T): Promise<Awaited<T>> =>
      this.weather.call(process, 'ec2', action, effect);
    const setOwner = (instanceId: string, owner: string | null): void => {
      this.require(instanceId).owner = owner;
    };
    return {
      describe: (instanceIds) =>
        call('DescribeInstances', () =>
          instanceIds.flatMap((id): InstanceView[] => {
            const found = this.instances.get(id);
            return found === undefined ? [] : [{ instanceId: id, state: found.state, owner: found.owner }];
          }),
        ),
      forceStop: (instanceId) => call('StopInstances', () => this.stop(this.require(instanceId))),
      start: (instanceId) => call('StartInstances', () => this.start(this.require(instanceId))),
      tagOwner: (instanceId, owner) => call('CreateTags', () => setOwner(instanceId, owner)),
      releaseOwner: (instanceId) => call('DeleteTags', () => setOwner(instanceId, null)),
    };
  }

  inventorySeenBy(process: Process): Inventory {
    const call = <T>(action: string, effect: () => T): Promise<Awaited<T>> =>
      this.weather.call(process, 'ec2', action, effect);
    return {
      findInstance: (selector) =>
        call('DescribeInstances', (): InstanceFacts => {
          const found = this.require('id' in selector ? selector.id : '');
          return { ...found, secondaryAddresses: [...found.secondaryAddresses] };
        }),
      findElasticIp: (selector) =>
        call('DescribeAddresses', (): ElasticIpFacts => {
          const { allocationId, publicIp, owner, epoch, association } = this.address(
            'id' in selector ? selector.id : '',
          );
          return { allocationId, publicIp, owner, epoch, association };
        }),
    };
  }

  stop(instance: SimInstance): void {
    if (instance.state === 'stopped' || instance.state === 'stopping') return;
    const takesMs = this.dice.between(...this.stopMs);
    if (instance.state === 'pending') {
      throw new OutsideRefused(`ec2:StopInstances on instance ${instance.instanceId} was refused: it is pending`);
    }
    this.turn(instance, 'stopping');
    this.kernel.after(takesMs * POWER_OFF_SHARE, () => this.machines.powerOff(instance.nodeId));
    this.kernel.after(takesMs, () => this.turn(instance, 'stopped'));
  }

  start(instance: SimInstance): void {
    if (instance.state === 'running' || instance.state === 'pending') return;
    if (instance.state === 'stopping') {
      throw new OutsideRefused(`ec2:StartInstances on instance ${instance.instanceId} was refused: it is stopping`);
    }
    this.turn(instance, 'pending');
    this.kernel.after(this.dice.between(...START_MS), () => {
      this.turn(instance, 'running');
      this.machines.powerOn(instance.nodeId);
    });
  }

  private turn(instance: SimInstance, state: SimInstance['state']): void {
    instance.state = state;
    if (this.dice.chance(EVENT_LOST)) return;
    this.onStateChange({ ...instance }, this.dice.chance(0.9) ? this.dice.between(200, 2_000) : 30_000);
  }

  private change(eip: SimElasticIp, association: EipAssociation | null): void {
    const staleMs = this.staleForMs === 0 ? 0 : this.dice.between(0, this.staleForMs);
    eip.before = staleMs === 0 ? null : { association: eip.association, untilMs: this.kernel.nowMs + staleMs };
    eip.association = association;
    this.onAssociation(eip.allocationId, association);
  }

  private readOf(eip: SimElasticIp): EipAssociation | null {
    return eip.before !== null && this.kernel.nowMs < eip.before.untilMs ? eip.before.association : eip.association;
  }

  private association(networkInterfaceId: string, privateAddress: string, instanceId: string | null): EipAssociation {
    this.associations += 1;
    return { associationId: `eipassoc-${this.associations}`, networkInterfaceId, privateAddress, instanceId };
  }

  private address(allocationId: string): SimElasticIp {
    const found = this.elasticIps.get(allocationId);
    if (found === undefined) throw new Error(`the simulation has no Elastic IP ${allocationId}`);
    return found;
  }

  private require(instanceId: string): SimInstance {
    const found = this.instances.get(instanceId);
    if (found === undefined) throw new OutsideRefused(`there is no instance ${instanceId}`);
    return found;
  }
}
