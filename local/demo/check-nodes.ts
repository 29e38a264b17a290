/** `understudy check`, asked of the deployed node-control functions past the proxy. */
import { OutsideCalls } from '../../lib/aws/call';
import { lambdaClient } from '../../lib/aws/clients';
import { LambdaNodeControl } from '../../lib/aws/node-control-client';
import { SystemClock } from '../../lib/aws/system-clock';
import { SystemRandom } from '../../lib/aws/system-random';
import type { Topology } from '../../lib/domain/model';
import type { Inspection } from '../../lib/domain/ports';
import { inspectNodes } from '../../lib/operations/inspect-nodes';
import { awsClientConfig } from '../emulator/loopback';

export async function checkNodes(aws: { endpoint: string }, topology: Topology): Promise<Inspection[]> {
  const { endpoint, region, credentials } = awsClientConfig(aws);
  const client = lambdaClient({ endpoint, region, credentials });
  try {
    const calls = new OutsideCalls(new SystemClock(), new SystemRandom());
    return await inspectNodes(new LambdaNodeControl(client, calls, topology.nodeControl), topology);
  } finally {
    client.destroy();
  }
}
