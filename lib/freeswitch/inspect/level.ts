import type { NodeTopology, VipTopology } from '../../domain/model';
import type { Inspection } from '../../domain/ports';
import { PROMOTED_VALUE, promotedVariable } from '../promotion';
import { userOfDsn } from './dsn-user';
import type { LoadedConfiguration, Settings } from './loaded-xml';

/** What was seen of one VIP on the node. */
export interface VipFacts {
  vip: Pick<VipTopology, 'id' | 'profiles' | 'serviceAddress'>;
  /** Whether its variable of promotion is set. */
  promoted: boolean;
  /** Whether OPTIONS to its address got 200. */
  serves: boolean;
}

/** What a node said of itself, over ESL and read-only. */
export interface NodeFacts {
  switchName: string;
  /** Whether mod_pgsql is loaded. */
  hasPostgres: boolean;
  /** Global variable `api_on_startup`: a command that each start of FreeSWITCH runs. Empty when not set. */
  onStartup: string;
  /** null: the node does not tell (no `xml_locate`, or no such file). */
  switchConf: LoadedConfiguration | null;
  sofiaConf: LoadedConfiguration | null;
  vips: VipFacts[];
}

/** What the topology says of the node. */
type InspectedNode = Pick<NodeTopology, 'id' | 'databaseRole'>;
type Level = NonNullable<Inspection['level']>;

/**
 * The level of adoption that a node reaches, judged from its loaded configuration:
 *
 * | level | takes | gives |
 * | --- | --- | --- |
 * | 0 | ESL answers with our password | the Elastic IP moves |
 * | 1 | each profile of its VIPs boots in standby, and our variable ends it | a node that comes back is harmless |
 * | 2 | core database, profiles' tables and tracking in the shared PostgreSQL, under the role that the fence locks; the node's id as its name there | calls are recovered by rewriting rows (FACTS 7.3, way B) |
 * | 3 | SIP and RTP bind to the VIP's service address | calls are recovered as they are (way A) |
 *
 * What is loaded is what the next rescan applies; a profile that was edited and not rescanned runs the old one.
 */
export function judgeLevel(node: InspectedNode, facts: NodeFacts): Inspection {
  const levels: [Level, string[]][] = [
    [1, standbyGaps(facts)],
    [2, databaseGaps(node, facts)],
    [3, addressGaps(facts)],
  ];
  const firstGap = levels.findIndex(([, gaps]) => gaps.length > 0);
  const reached = firstGap === -1 ? 3 : (levels[firstGap - 1]?.[0] ?? 0);
  return { nodeId: node.id, level: reached, missing: levels[firstGap]?.[1] ?? [], conflicts: conflictsOf(facts) };
}

/**
 * The variable is replaced when FreeSWITCH reads the file, so that the loaded value is `true` while it is unset, and
 * `true-no` once it is set. A plain `true` in the file looks the same as ours until the first promotion.
 */
function standbyGaps({ sofiaConf, vips }: NodeFacts): string[] {
  return eachProfile(sofiaConf, vips, (profile, settings, { vip, promoted }) => {
    const value = settings.get('profile-standby');
    if (value === `true${promoted ? PROMOTED_VALUE : ''}`) return [];
    const wanted = `<param name="profile-standby" value="true$\${${promotedVariable(vip.id)}}"/>`;
    return [`profile ${profile}: ${value === undefined ? 'add' : 'replace the present profile-standby by'} ${wanted}`];
  });
}

const UNNAMED_DATABASE =
  'the configuration names no database: write the shared PostgreSQL as database.existing, deploy';

function databaseGaps(node: InspectedNode, facts: NodeFacts): string[] {
  const { sofiaConf, switchConf, vips, hasPostgres, switchName } = facts;
  const core: [boolean, string][] = [
    [hasPostgres, 'load mod_pgsql in pre_load_modules.conf'],
    [switchName === node.id, `switch.conf: set switchname to ${node.id}, by which its rows are known`],
  ];
  const gaps = [
    ...(node.databaseRole === null ? [UNNAMED_DATABASE] : []),
    ...core.flatMap(([ok, remedy]) => (ok ? [] : [remedy])),
    ...dsnGaps('switch.conf', 'core-db-dsn', switchConf?.settings, node.databaseRole),
  ];
  const ofProfiles = eachProfile(sofiaConf, vips, (profile, settings) => {
    const tracks = isTrue(settings.get('track-calls')) ? [] : [`profile ${profile}: set track-calls to true`];
    return [...tracks, ...dsnGaps(`profile ${profile}`, 'odbc-dsn', settings, node.databaseRole)];
  });
  return [...gaps, ...ofProfiles];
}

/** A failover locks the node's role by its name: a node that signs in as another goes on writing rows. */
function dsnGaps(where: string, name: string, settings: Settings | undefined, role: string | null): string[] {
  const dsn = settings?.get(name);
  if (dsn === undefined || !isPostgres(dsn)) return [`${where}: set ${name} to the shared PostgreSQL`];
  if (role === null || userOfDsn(dsn) === role) return [];
  return [`${where}: let ${name} sign in as ${role} (user=${role}), the role that a failover locks`];
}

function addressGaps({ sofiaConf, vips }: NodeFacts): string[] {
  return eachProfile(sofiaConf, vips, (profile, settings, { vip }) => {
    const { serviceAddress } = vip;
    if (serviceAddress === null) return [`VIP ${vip.id}: give it a service address that is the same on every node`];
    const others = ['sip-ip', 'rtp-ip'].filter((name) => settings.get(name) !== serviceAddress);
    return others.map((name) => `profile ${profile}: set ${name} to ${serviceAddress}`);
  });
}

function conflictsOf({ onStartup, sofiaConf, vips }: NodeFacts): string[] {
  const conflicts: string[] = [];
  if (/\brecover\b/.test(onStartup)) {
    conflicts.push('the variable api_on_startup recovers calls at each start: it takes the rows of the living holder');
  }
  for (const { vip, promoted, serves } of vips) {
    const values = vip.profiles.map((profile) => sofiaConf?.profiles.get(profile)?.get('profile-standby'));
    if (promoted && values.includes('true')) {
      conflicts.push(`VIP ${vip.id} is promoted, but its next rescan or reload puts it into standby: see its profiles`);
    }
    if (serves && !promoted && values.every((value) => value === 'true')) {
      const culprit = '`sofia recover`, `sofia global standby off` or a script did it';
      conflicts.push(`VIP ${vip.id} serves here although nobody promoted it: ${culprit}`);
    }
    conflicts.push(...vip.profiles.flatMap((profile) => mediaConflict(profile, sofiaConf)));
  }
  return conflicts;
}

/** Each `rtp-ip` adds one (those of IPv6 are a list of their own), and the legs of a profile take turns among them. */
function mediaConflict(profile: string, sofiaConf: LoadedConfiguration | null): string[] {
  const addresses = new Set((sofiaConf?.mediaAddresses.get(profile) ?? []).filter((each) => !each.includes(':')));
  if (addresses.size < 2) return [];
  const all = [...addresses].join(' and ');
  return [`profile ${profile}: rtp-ip is ${all}, and its legs take turns among them: leave the one of the VIP`];
}

function eachProfile(
  sofiaConf: LoadedConfiguration | null,
  vips: readonly VipFacts[],
  gapsOf: (profile: string, settings: Settings, facts: VipFacts) => string[],
): string[] {
  if (sofiaConf === null) return ['the loaded sofia.conf cannot be read over ESL: load mod_commands and mod_sofia'];
  return vips.flatMap((facts) =>
    facts.vip.profiles.flatMap((profile) => {
      const settings = sofiaConf.profiles.get(profile);
      return settings === undefined ? [`profile ${profile}: add it to sofia.conf`] : gapsOf(profile, settings, facts);
    }),
  );
}

function isPostgres(dsn: string): boolean {
  return /^(pgsql|postgres(ql)?):\/\//.test(dsn);
}

/** FreeSWITCH's own list of what is true. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(yes|on|true|t|enabled|active|allow|\d*[1-9]\d*)$/i.test(value);
}
