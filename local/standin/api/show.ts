import { words } from './command';
import { callRow, channelRow } from './show-rows';
import { status } from './status';
import { SHOW_USAGE } from '../recorded';
import type { SoftSwitch } from '../softswitch';

/** `show channels|calls|registrations [count] [as json]`. Waits for the database like the real one, and reads memory. */
export async function show(system: SoftSwitch, args: string): Promise<string> {
  const [subject, ...rest] = words(args);
  if (subject === 'status') return status(system);
  const rows = rowsOf(system, subject);
  if (rows === null) return `-USAGE: ${SHOW_USAGE}\n`;
  await system.untilDatabaseAnswers();
  const json = rest.slice(-2).join(' ') === 'as json';
  if (rest[0] === 'count') return json ? `{"row_count":${rows.length},"rows":[]}` : `\n${rows.length} total.\n`;
  if (json) return rows.length === 0 ? '{"row_count": 0}\n' : JSON.stringify({ row_count: rows.length, rows });
  return `${table(rows)}\n${rows.length} total.\n`;
}

function rowsOf(system: SoftSwitch, subject: string | undefined): Record<string, string>[] | null {
  const legs = system.calls.all;
  const { switchname } = system.identity;
  switch (subject) {
    case 'channels':
      return legs.map((leg) => channelRow(leg, switchname));
    case 'calls':
      return legs
        .filter((leg) => leg.direction === 'inbound')
        .map((leg) => {
          const other = legs.find((b) => b.callUuid === leg.uuid && b.uuid !== leg.uuid) ?? null;
          return callRow(leg, other, switchname);
        });
    case 'registrations':
      return [];
    default:
      return null;
  }
}

/** Comma separated, without quotes: FreeSWITCH does not escape either. */
function table(rows: readonly Record<string, string>[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  return [first, ...rows]
    .map((row, index) => `${(index === 0 ? Object.keys(row) : Object.values(row)).join(',')}\n`)
    .join('');
}
