/** The preview of a recovery as a node-control function answers it. All of it, or it is no answer: half of a dry run misleads. */
import type { AddressChange, IncarnationRows, PreviewResult, RowsPreview } from '../domain/ports';
import { count, fieldsOf, no } from './node-control-answer';

/** null when it is no answer that this version understands. */
export function readPreview(answer: unknown): PreviewResult | null {
  const { known, way, ownCoreUuid, obstacle, ...rest } = fieldsOf(answer);
  if (known === false) return { known, ...no(rest) };
  const rows = rowsOf(rest);
  if (known !== true || (way !== 'A' && way !== 'B') || typeof ownCoreUuid !== 'string' || rows === null) return null;
  return { known, way, ownCoreUuid, obstacle: typeof obstacle === 'string' ? obstacle : null, ...rows };
}

function rowsOf(fields: Record<string, unknown>): RowsPreview | null {
  const recovered = eachOf(fields['recovered'], incarnation);
  const own = incarnation(fields['own']);
  const foreign = eachOf(fields['foreign'], incarnation);
  const rewritten = count(fields['rewritten']);
  const differences = eachOf(fields['differences'], difference);
  const examples = eachOf(fields['examples'], example);
  if (recovered === null || own === null || foreign === null) return null;
  if (rewritten === null || differences === null || examples === null) return null;
  return { recovered, own, foreign, rewritten, differences, examples };
}

function incarnation(value: unknown): IncarnationRows | null {
  const fields = fieldsOf(value);
  const coreUuid = fields['coreUuid'];
  const rows = count(fields['rows']);
  const calls = count(fields['calls']);
  const connectionOriented = count(fields['connectionOriented']);
  if (coreUuid !== null && typeof coreUuid !== 'string') return null;
  return rows === null || calls === null || connectionOriented === null
    ? null
    : { coreUuid, rows, calls, connectionOriented };
}

function addressChange(value: unknown): AddressChange | null {
  const { variable, from, to } = fieldsOf(value);
  if (variable !== 'local_media_ip' && variable !== 'advertised_media_ip') return null;
  return typeof from === 'string' && typeof to === 'string' ? { variable, from, to } : null;
}

function difference(value: unknown): RowsPreview['differences'][number] | null {
  const change = addressChange(value);
  const rows = count(fieldsOf(value)['rows']);
  return change === null || rows === null ? null : { ...change, rows };
}

function example(value: unknown): RowsPreview['examples'][number] | null {
  const { uuid, changes } = fieldsOf(value);
  const read = eachOf(changes, addressChange);
  return typeof uuid !== 'string' || read === null ? null : { uuid, changes: read };
}

/** Every element read, or null. */
function eachOf<T>(value: unknown, read: (element: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const elements = (value as unknown[]).map(read);
  const understood = elements.filter((element) => element !== null);
  return understood.length === elements.length ? understood : null;
}
