/** The caller, the gateway and two stand-ins together: what the demo shows, without the control plane. */
import { Caller } from '../../../local/caller/caller';
import { type Gateway, startGateway } from '../../../local/gateway/relay';
import { StandIn } from '../../../local/standin/process';
import { freshAddress } from '../addresses';
import { eventually, systemClock } from '../clock';

const VIP_PORT = 5060;
let caller: Caller | null = null;
let gateway: Gateway | null = null;
const nodes: StandIn[] = [];

afterEach(async () => {
  await caller?.stop();
  await gateway?.stop();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function startNode(name: string) {
  const address = freshAddress();
  const node = await StandIn.start({
    name,
    management: freshAddress(),
    eslPort: 8021,
    password: 'only-for-tests',
    sip: [{ vip: 'main', address, port: VIP_PORT, profiles: ['external'] }],
  });
  nodes.push(node);
  const promote = async (): Promise<void> => {
    await node.api('global_setvar promoted_main=-no');
    await node.api('sofia profile external rescan');
  };
  return { node, address, promote };
}

describe('the caller', () => {
  it('sees a failover through the Elastic IP: from which node to which, and for how long', async () => {
    const publicIp = freshAddress();
    const [first, second] = [await startNode('first'), await startNode('second')];
    await first.promote();
    let holder = first.address;
    gateway = await startGateway({
      ports: [VIP_PORT],
      lookup: () => Promise.resolve(new Map([[publicIp, holder]])),
      pollEveryMs: 20,
      clock: systemClock,
      onAnswer: ({ datagram, privateAddress }) => caller?.annotate(datagram, privateAddress),
    });
    const calling = await Caller.start({
      target: { address: publicIp, port: VIP_PORT },
      clock: systemClock,
      everyMs: 10,
    });
    caller = calling;
    await eventually('served', () => calling.log.filter((record) => record.outcome === 'served').length > 10);

    const faultAtMs = Date.now();
    await first.node.kill();
    await eventually('lost', () => calling.summary(faultAtMs).counts.lost > 3);
    holder = second.address;
    await eventually('not served by a standby', () => calling.summary(faultAtMs).counts.notServed > 3);
    await second.promote();
    await eventually('served again', () => calling.summary(faultAtMs).outage === 'over');

    const summary = calling.summary(faultAtMs);
    expect(summary).toMatchObject({ servedByBefore: first.address, servedByAfter: second.address });
    expect(summary.outageMs).toBe((summary.firstServedAfterMs ?? 0) - (summary.lastServedBeforeMs ?? 0));
    expect(summary.outageMs).toBeGreaterThan(400);
  });

  it('counts questions that nobody answers as lost, not as pending for ever', async () => {
    const calling = await Caller.start({
      target: { address: freshAddress(), port: VIP_PORT },
      clock: systemClock,
      everyMs: 10,
    });
    caller = calling;

    await eventually('lost', () => calling.log.some((record) => record.outcome === 'lost'));
    await calling.stop();

    expect(new Set(calling.log.map((record) => record.outcome))).toEqual(new Set(['lost']));
  });

  it('asks as often as it was told to', async () => {
    const calling = await Caller.start({ target: { address: freshAddress(), port: VIP_PORT }, clock: systemClock });
    caller = calling;

    await eventually('eleven questions', () => calling.log.length >= 11);

    const [first, last] = [calling.log[0], calling.log[10]];
    expect((last?.sentAtMs ?? 0) - (first?.sentAtMs ?? 0)).toBeGreaterThanOrEqual(450);
  });
});
