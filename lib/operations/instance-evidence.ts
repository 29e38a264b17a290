/**
 * What EC2 says about an instance's state, noted as evidence. Never a vote: a host or a zone that dies leaves its
 * instances `running`, and a `stopping` one may still serve.
 */
import { MalformedEvent } from '../domain/errors';
import type { Log, StateStore } from '../domain/ports';

export interface InstanceEvidenceDeps {
  store: Pick<StateStore, 'readTopology' | 'putInstanceEvidence'>;
  log: Log;
}

const DETAIL_TYPE = 'EC2 Instance State-change Notification';

/**
 * `event`: as EventBridge delivers it ("Amazon EC2 instance state change events" in the EC2 user guide). An instance
 * that the topology does not name is none of ours, or not yet: told and left alone.
 * @throws MalformedEvent; and what the store throws, so that EventBridge tries again
 */
export async function noteInstanceState(
  deps: InstanceEvidenceDeps,
  event: unknown,
): Promise<'noted' | 'unknown-instance'> {
  const { instanceId, state, atMs } = parseStateChange(event);
  const topology = await deps.store.readTopology();
  const node = topology.nodes.find((each) => each.instanceId === instanceId);
  if (node === undefined) {
    deps.log.info('an instance that is no node of this cluster changed its state', { instanceId, state });
    return 'unknown-instance';
  }
  await deps.store.putInstanceEvidence({ nodeId: node.id, state, atMs });
  deps.log.info(`EC2 says that ${node.id} is ${state}`, { nodeId: node.id, instanceId, state });
  return 'noted';
}

function parseStateChange(event: unknown): { instanceId: string; state: string; atMs: number } {
  const fields = record(event, 'the event');
  if (fields['detail-type'] !== DETAIL_TYPE) throw malformed(`its detail-type is not '${DETAIL_TYPE}'`);
  const detail = record(fields['detail'], 'its detail');
  const instanceId = detail['instance-id'];
  const state = detail['state'];
  if (typeof instanceId !== 'string' || instanceId === '') throw malformed('detail.instance-id is missing');
  if (typeof state !== 'string' || state === '') throw malformed('detail.state is missing');
  const atMs = typeof fields['time'] === 'string' ? Date.parse(fields['time']) : Number.NaN;
  if (Number.isNaN(atMs)) throw malformed('its time is not a date');
  return { instanceId, state, atMs };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw malformed(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function malformed(why: string): MalformedEvent {
  return new MalformedEvent(`not an EC2 state change: ${why}; check the pattern of the rule that sends it here`);
}
