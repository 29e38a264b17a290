/** The world outside of the VPC: the internet gateway, and a caller that knows nothing but the Elastic IP. */
import { SystemClock } from '../../lib/aws/system-clock';
import type { Topology, VipTopology } from '../../lib/domain/model';
import { Caller } from '../caller/caller';
import { startGateway, type Gateway } from '../gateway/relay';
import type { CallerView } from './facts';
import type { Outside } from './outside';

/** EC2 is asked this often who has the address: the most by which the measured outage is too long. */
const LOOKUP_EVERY_MS = 50;

export class Street {
  private constructor(
    private readonly gateway: Gateway,
    private readonly caller: Caller,
    private readonly nodeOf: (privateAddress: string | null) => string | null,
  ) {}

  /** Resolves when the caller has begun to ask; answers come once the address is on a node that serves. */
  static async open(outside: Outside, vip: VipTopology, topology: Topology): Promise<Street> {
    const clock = new SystemClock();
    const publicIp = vip.elasticIp?.publicIp;
    if (publicIp === undefined) throw new Error(`${vip.id} has no Elastic IP that a caller could ask`);
    const caller = await Caller.start({ target: { address: publicIp, port: vip.sipPort }, clock });
    const gateway = await startGateway({
      ports: [vip.sipPort],
      lookup: () => outside.addresses(),
      pollEveryMs: LOOKUP_EVERY_MS,
      clock,
      onAnswer: (answer) => caller.annotate(answer.datagram, answer.privateAddress),
    });
    return new Street(gateway, caller, (address) => {
      const node = topology.nodes.find((each) => each.vipAddresses[vip.id] === address);
      return node?.id ?? address;
    });
  }

  /** Whether the last quarter of a second was answered by one node without a gap. */
  servedNow(): boolean {
    return this.caller.summary(Date.now()).servedNow;
  }

  /** What the caller saw of a fault at this time (epoch milliseconds). */
  callerView(faultAtMs: number): CallerView {
    const summary = this.caller.summary(faultAtMs);
    return {
      outageMs: summary.outageMs,
      lastServedBeforeMs: summary.lastServedBeforeMs,
      firstServedAfterMs: summary.firstServedAfterMs,
      servedByBefore: this.nodeOf(summary.servedByBefore),
      servedByAfter: this.nodeOf(summary.servedByAfter),
      servedNow: summary.servedNow,
    };
  }

  async close(): Promise<void> {
    await this.caller.stop();
    await this.gateway.stop();
  }
}
