/** Why the failover function was invoked: a stream record, the schedule, or the registrar's kick. Pure. */
import { MalformedEvent } from '../domain/errors';
import { parseJournalKey } from '../aws/store/keys';

export type Wake = { kind: 'journal'; vipId: string; epoch: number } | { kind: 'incident' } | { kind: 'schedule' };

interface StreamKeys {
  pk?: { S?: string };
  sk?: { S?: string };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parseRecord(record: unknown): Wake | null {
  const dynamodb = isObject(record) ? record.dynamodb : undefined;
  const keys = isObject(dynamodb) && isObject(dynamodb.Keys) ? (dynamodb.Keys as StreamKeys) : undefined;
  const pk = keys?.pk?.S;
  const sk = keys?.sk?.S;
  if (pk === undefined || sk === undefined) {
    throw new MalformedEvent('a stream record without string keys pk and sk: is the trigger on the right table?');
  }
  if (pk.startsWith('incident#')) return { kind: 'incident' };
  const journal = parseJournalKey({ pk, sk });
  return journal === null ? null : { kind: 'journal', ...journal };
}

export interface Wakes {
  wakes: Wake[];
  /** One for each record that cannot be read: it holds no other back. */
  malformed: MalformedEvent[];
}

/** Throws MalformedEvent. Records of other items (a filter that is missing) are skipped. */
export function parseWake(event: unknown): Wakes {
  if (!isObject(event))
    throw new MalformedEvent('the event is no object: invoke with {} to run the scheduled convergence');
  if (!Array.isArray(event.Records)) return { wakes: [{ kind: 'schedule' }], malformed: [] };
  const parsed = event.Records.map(parseOrError);
  return {
    wakes: parsed.filter((each): each is Wake => each !== null && !(each instanceof MalformedEvent)),
    malformed: parsed.filter((each): each is MalformedEvent => each instanceof MalformedEvent),
  };
}

function parseOrError(record: unknown): Wake | MalformedEvent | null {
  try {
    return parseRecord(record);
  } catch (error) {
    if (error instanceof MalformedEvent) return error;
    throw error;
  }
}
