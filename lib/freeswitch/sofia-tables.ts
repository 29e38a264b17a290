/**
 * The two tables of mod_sofia that are read, both answered from memory: columns parted by tabs, names padded with
 * spaces, rules of `=`, a header and a last line of totals.
 */

/** `sofia status`: the profiles that run. One that could not bind is simply absent (FACTS 2). */
export function runningProfiles(table: string): string[] {
  return rows(table).flatMap(([name, type, , state]) => {
    const runs = type === 'profile' && state !== undefined && state.startsWith('RUNNING');
    return runs && name !== undefined ? [name] : [];
  });
}

export interface GatewayRow {
  profile: string;
  name: string;
  /** Without what follows in brackets: REGED, UNREGED, TRYING, REGISTER, FAILED, FAIL_WAIT, EXPIRED, NOREG, ... */
  state: string;
}

/** `sofia status gateway`: its first column is `PROFILE::GATEWAY`. */
export function gatewayRows(table: string): GatewayRow[] {
  return rows(table).flatMap(([qualified = '', , state = '']) => {
    const separator = qualified.indexOf('::');
    if (separator <= 0 || qualified === 'Profile::Gateway-Name') return [];
    const name = qualified.slice(separator + 2);
    return [{ profile: qualified.slice(0, separator), name, state: state.split(' ')[0] ?? '' }];
  });
}

/** NOREG is a gateway that is not to register; REGED is one that has. */
export function isUnregistered({ state }: GatewayRow): boolean {
  return state !== 'NOREG' && state !== 'REGED';
}

function rows(table: string): string[][] {
  return table.split('\n').map((line) => line.split('\t').map((cell) => cell.trim()));
}
