/**
 * What EC2 says about an instance, noted as evidence: changes of its state, and status checks that fail. Never a vote:
 * a host or a zone that dies leaves its instances `running`, a `stopping` one may still serve, and a status check fails
 * minutes after the callers know.
 */
import { MalformedEvent } from '../domain/errors';
import { IMPAIRED } from '../domain/model';
import type { Clock, Log, StateStore } from '../domain/ports';

export interface InstanceEvidenceDeps {
  store: Pick<StateStore, 'readTopology' | 'putInstanceEvidence'>;
  clock: Pick<Clock, 'wallMs'>;
  log: Log;
}

const STATE_CHANGE = 'EC2 Instance State-change Notification';
const ALARM_CHANGE = 'CloudWatch Alarm State Change';
const STATUS_CHECKS = { namespace: 'AWS/EC2', name: 'StatusCheckFailed' };

interface Said {
  instanceId: string;
  state: string;
  atMs: number;
  /** It takes back what was said before, and nothing else. */
  inPlaceOf?: string;
}

/**
 * `event`: as EventBridge delivers it ("Amazon EC2 instance state change events" in the EC2 user guide, "Alarm events
 * and EventBridge" in that of CloudWatch). An instance that the topology does not name is none of ours, or not yet:
 * told and left alone.
 * @throws MalformedEvent; and what the store throws, so that EventBridge tries again
 */
export async function noteInstanceState(
  deps: InstanceEvidenceDeps,
  event: unknown,
): Promise<'noted' | 'unknown-instance' | 'says-nothing'> {
  const said = parse(event);
  if (said === null) return 'says-nothing';
  const { instanceId, state, atMs, inPlaceOf } = said;
  const topology = await deps.store.readTopology();
  const node = topology.nodes.find((each) => each.instanceId === instanceId);
  if (node === undefined) {
    deps.log.info('an instance that is no node of this cluster changed its state', { instanceId, state });
    return 'unknown-instance';
  }
  // Believed, a time that is yet to come would outlast all that is said until then.
  const saidAtMs = Math.min(atMs, deps.clock.wallMs());
  await deps.store.putInstanceEvidence({ nodeId: node.id, state, atMs: saidAtMs }, inPlaceOf);
  deps.log.info(`EC2 says that ${node.id} is ${state}`, { nodeId: node.id, instanceId, state });
  return 'noted';
}

/** null: an alarm without data, which says nothing about the instance. */
function parse(event: unknown): Said | null {
  const fields = record(event, 'the event');
  const detail = record(fields['detail'], 'its detail');
  const atMs = typeof fields['time'] === 'string' ? Date.parse(fields['time']) : Number.NaN;
  if (Number.isNaN(atMs)) throw malformed('its time is not a date');
  switch (fields['detail-type']) {
    case STATE_CHANGE:
      return {
        instanceId: text(detail['instance-id'], 'detail.instance-id'),
        state: text(detail['state'], 'detail.state'),
        atMs,
      };
    case ALARM_CHANGE:
      return fromAlarm(detail, atMs);
    default:
      throw malformed(`its detail-type is neither '${STATE_CHANGE}' nor '${ALARM_CHANGE}'`);
  }
}

function fromAlarm(detail: Record<string, unknown>, atMs: number): Said | null {
  const value = text(record(detail['state'], 'detail.state')['value'], 'detail.state.value');
  const instanceId = instanceOf(record(detail['configuration'], 'detail.configuration')['metrics']);
  if (value === 'ALARM') return { instanceId, state: IMPAIRED, atMs };
  // A stopped instance has no status checks, and its alarm is well: only what an alarm said is taken back.
  return value === 'OK' ? { instanceId, state: 'running', atMs, inPlaceOf: IMPAIRED } : null;
}

function instanceOf(metrics: unknown): string {
  if (!Array.isArray(metrics)) throw malformed('detail.configuration.metrics is not a list');
  const [first] = metrics as unknown[];
  const stat = record(record(first, 'its metric')['metricStat'], 'metricStat');
  const { namespace, name, dimensions } = record(stat['metric'], 'metricStat.metric');
  if (namespace !== STATUS_CHECKS.namespace || name !== STATUS_CHECKS.name)
    throw malformed(`its alarm watches something else than ${STATUS_CHECKS.name}`);
  return text(record(dimensions, 'its dimensions')['InstanceId'], 'the dimension InstanceId');
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(`${what} is missing`);
  return value;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw malformed(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function malformed(why: string): MalformedEvent {
  return new MalformedEvent(`not an event about an instance: ${why}; check the pattern of the rule that sends it here`);
}
