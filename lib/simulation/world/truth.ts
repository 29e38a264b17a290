/** What really is: which node callers reach, whether they are served there, and what has befallen it. */
import { assertNever, quorumOf, type NodeTopology, type Topology, type VipTopology } from '../../domain/model';
import type { SimSwitch } from '../freeswitch/switch';
import type { StruckBy } from '../results';
import type { Ec2 } from './ec2';
import type { Names } from './names';
import type { Network } from './network';

export interface TruthDeps {
  network: Network;
  ec2: Ec2;
  names: Names;
  switchOf: (nodeId: string) => SimSwitch;
}

export class Truth {
  constructor(private readonly deps: TruthDeps) {}

  /** The node that carries the address callers know: of the Elastic IP where there is one; null when nobody does. */
  carrierOf(topology: Topology, vip: VipTopology): NodeTopology | null {
    if (vip.elasticIp === null) return this.namedNode(topology, vip);
    const { association } = this.deps.ec2.elasticIps.get(vip.elasticIp.allocationId) ?? { association: null };
    return nodeAt(topology, vip, association?.privateAddress);
  }

  /** The node to which the private name leads; null where it leads nowhere. Caches of the name are not looked at. */
  namedNode(topology: Topology, vip: VipTopology): NodeTopology | null {
    return nodeAt(topology, vip, this.deps.names.records.get(vip.privateDns?.name ?? '')?.addresses[0]);
  }

  /** The node that answers callers, if only that it takes none; null where nobody does. */
  answering(topology: Topology, vip: VipTopology): NodeTopology | null {
    const node = this.carrierOf(topology, vip);
    return node !== null && this.answers(node, vip.id) ? node : null;
  }

  /** Callers are in service, though maybe not new ones: a full switch is no failure, one that somebody paused is. */
  isServed(topology: Topology, vip: VipTopology): boolean {
    const node = this.answering(topology, vip);
    return node !== null && !this.isPaused(node);
  }

  /** The same of callers who know the private name alone. */
  isServedByName(topology: Topology, vip: VipTopology): boolean {
    const node = this.namedNode(topology, vip);
    return node !== null && this.answers(node, vip.id) && !this.isPaused(node);
  }

  /** It acts for the VIP, and callers who are led to it reach it. */
  answers(node: NodeTopology, vipId: string): boolean {
    return this.acts(node, vipId) && this.deps.network.callersReach(node);
  }

  /** `fsctl pause`: it answers callers as a full one does, and takes none for as long as nobody resumes it. */
  isPaused(node: NodeTopology): boolean {
    return this.deps.switchOf(node.id).process?.isPaused === true;
  }

  /** It would answer a caller of the VIP whose packet arrived; a full one is there for the calls that it has. */
  acts(node: NodeTopology, vipId: string): boolean {
    // Of a caller, not of OPTIONS: INVITE does not wait for the database.
    return this.deps.switchOf(node.id).process?.acts(vipId) === true && !this.deps.network.isDark(node.zone);
  }

  /** A standby that is paused, or whose event socket does not take orders: as the holder it may serve all the same. */
  isUnpromotable(node: NodeTopology): boolean {
    return this.deps.switchOf(node.id).answersEsl() !== 'ok';
  }

  /** What has befallen a node as the holder of a VIP; `nothing` when it is well and the observers could know. */
  afflictionOf(topology: Topology, node: NodeTopology, vipId: string): StruckBy {
    const { network, switchOf } = this.deps;
    const fs = switchOf(node.id);
    if (network.isDark(node.zone)) return 'zone';
    switch (fs.state) {
      case 'off':
        return 'host';
      case 'stopping':
        return 'stopping';
      case 'dead':
      case 'starting':
        if (!fs.supervised) return 'no-restart';
        return fs.livesForMs === null ? 'crash' : 'crash-loop';
      case 'frozen':
        return 'freeze';
      case 'up':
        break;
      default:
        return assertNever(fs.state);
    }
    const cut = network.cutFrom(topology.observers, node, topology.policy.probeTimeoutMs);
    if (!network.callersReach(node) || cut >= quorumOf(topology.observers.length)) return 'isolation';
    if (fs.process?.answersSip(vipId) === 'silent') return 'sip-stuck';
    return fs.process?.acts(vipId) === false ? 'standby' : 'nothing';
  }
}

function nodeAt({ nodes }: Topology, vip: VipTopology, address: string | undefined): NodeTopology | null {
  return nodes.find(({ vipAddresses }) => address !== undefined && vipAddresses[vip.id] === address) ?? null;
}
