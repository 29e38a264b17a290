import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';

import { assertNever } from '../../lib/domain/model';
import type { DatabaseAccess } from './options';
import { promotedVariable, type ProfileSettings } from './profile';

/** What stands in the files of one node, as far as anybody asks for it. */
export interface NodeConfiguration {
  switchName: string;
  database: DatabaseAccess | null;
  profiles: readonly ProfileSettings[];
}

type Params = readonly (readonly [name: string, value: string])[];

/**
 * Reply to `xml_locate configuration configuration name FILE`: the configuration as it was last read, its variables
 * replaced by what they were at that moment. null: no such file.
 */
export function locate(
  file: string,
  configuration: NodeConfiguration,
  variables: ReadonlyMap<string, string>,
): string | null {
  if (file !== 'switch.conf' && file !== 'sofia.conf') return null;
  const root = create().ele('configuration', { name: file });
  if (file === 'switch.conf') settings(root, switchParams(configuration));
  else sofiaProfiles(root, configuration, variables);
  // FreeSWITCH writes an empty element as two tags.
  return `${root.end({ headless: true, prettyPrint: true, allowEmptyTags: true })}\n`;
}

function sofiaProfiles(
  root: XMLBuilder,
  { profiles, database }: NodeConfiguration,
  variables: ReadonlyMap<string, string>,
): void {
  const list = root.ele('profiles');
  for (const profile of profiles) {
    const { name, mediaIp, publicAddress, bind } = profile;
    settings(list.ele('profile', { name }), [
      ['sip-ip', mediaIp],
      ['rtp-ip', mediaIp],
      ['sip-port', String(bind.port)],
      ['ext-sip-ip', publicAddress],
      ['ext-rtp-ip', publicAddress],
      ...standbyParam(profile, variables),
      ...(database === null ? [] : ([['track-calls', 'true']] as const)),
      ...(database === null ? [] : ([['odbc-dsn', dsnOf(database)]] as const)),
    ]);
  }
}

/** `true$${promoted_<vip>}`: the variable is replaced when the file is read. */
function standbyParam({ standby, vip }: ProfileSettings, variables: ReadonlyMap<string, string>): Params {
  switch (standby) {
    case 'absent':
      return [];
    case 'true':
      return [['profile-standby', 'true']];
    case 'unless-promoted':
      return [['profile-standby', `true${variables.get(promotedVariable(vip)) ?? ''}`]];
    default:
      return assertNever(standby);
  }
}

function switchParams({ switchName, database }: NodeConfiguration): Params {
  const base = [['switchname', switchName]] as const;
  return database === null ? base : [...base, ['core-db-dsn', dsnOf(database)]];
}

/** The password is in a file that the DSN names, as on a node that we configure. */
const dsnOf = ({ host, port, name, user }: DatabaseAccess): string =>
  `pgsql://host=${host} port=${port} dbname=${name} user=${user} passfile=/run/pgpass connect_timeout=3`;

function settings(parent: XMLBuilder, params: Params): void {
  const element = parent.ele('settings');
  for (const [name, value] of params) element.ele('param', { name, value });
}
