/**
 * What the scripts on a node must know and the deployment can tell: `/etc/understudy/node.env`, which a shell reads,
 * and `/etc/understudy/vips`, one line per VIP. Nothing in them is secret: secrets are named by their ARN and read by
 * the node itself. Pure.
 */
import { databaseRoleOf } from '../../domain/database-names';
import { DATABASE_CA_FILE } from '../configuration/dsn';

/** One VIP as one node carries it. Values may be references that CloudFormation fills in. */
export interface VipOnNode {
  id: string;
  /** null: FreeSWITCH binds `privateAddress` itself, and recovery rewrites the rows. */
  serviceAddress: string | null;
  /** The secondary private address that this VIP has on this node. Never the primary one. */
  privateAddress: string;
  /** Of an adopted Elastic IP the node finds the address by the tag; `none` is a VIP for private callers. */
  publicAddress: { kind: 'known'; address: string } | { kind: 'tagged'; key: string; value: string } | { kind: 'none' };
  tlsSecretArn: string | null;
}

export interface HostSettings {
  cluster: string;
  node: string;
  region: string;
  eslPort: number;
  eslSecretArn: string;
  vips: VipOnNode[];
  database: { host: string; port: string; name: string; tls: boolean; secretArn: string } | null;
  /** SSM parameter that holds `contentEnvironment`. Its name never changes, so that new content touches no instance. */
  contentParameter: string;
  /** Secret with the token for FreeSWITCH's packages; null: FreeSWITCH is in the image. */
  packagesTokenSecretArn: string | null;
  logGroup: string;
}

/** Stands for "none" in both files: an empty word would shift the words after it. */
const NONE = '-';

/**
 * The tables without which FreeSWITCH must not start: those of the core that it reads while starting, and those of
 * the sofia profiles (FACTS 6 and 8.4). The deployment makes more; these tell that it has.
 */
export const AWAITED_TABLES = [
  'recovery',
  'registrations',
  'channels',
  'calls',
  'tasks',
  'aliases',
  'sip_registrations',
  'sip_authentication',
  'sip_dialogs',
] as const;

/** @returns the content of `node.env`: sourced by bash, so that every value is quoted */
export function nodeEnvironment(settings: HostSettings): string {
  const { database } = settings;
  const values: Record<string, string> = {
    CLUSTER: settings.cluster,
    NODE: settings.node,
    REGION: settings.region,
    ESL_PORT: String(settings.eslPort),
    ESL_SECRET: settings.eslSecretArn,
    DB_HOST: database?.host ?? NONE,
    DB_PORT: database?.port ?? NONE,
    DB_NAME: database?.name ?? NONE,
    DB_ROLE: databaseRoleOf(settings.node),
    DB_SECRET: database?.secretArn ?? NONE,
    DB_TLS_OPTIONS: database?.tls === true ? `sslmode=verify-full sslrootcert=${DATABASE_CA_FILE}` : 'sslmode=disable',
    DB_TABLES: AWAITED_TABLES.join(' '),
    CONTENT_PARAMETER: settings.contentParameter,
    PACKAGES_TOKEN_SECRET: settings.packagesTokenSecretArn ?? NONE,
    LOG_GROUP: settings.logGroup,
  };
  return shellWords(values);
}

/** What a node fetches at its boot. */
export interface NodeContent {
  /** `s3://bucket/key` of the archive with scripts, units and configuration. */
  archive: string;
  /** `s3://…` of the users' own files: an archive (`.zip`) or a prefix (ends in `/`); null: they have none. */
  userFiles: string | null;
}

/** @returns the value of the parameter, which becomes `content.env` on the node */
export const contentEnvironment = ({ archive, userFiles }: NodeContent): string =>
  shellWords({ ARCHIVE: archive, USER_FILES: userFiles ?? NONE });

const shellWords = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');

/** @returns the content of `vips`: id, service address, private address, public address, secret of the certificate */
export function vipLines(vips: readonly VipOnNode[]): string {
  const header = '# id, service address, private address on this node, public address, secret of the certificate\n';
  return header + vips.map((vip) => `${wordsOf(vip).join(' ')}\n`).join('');
}

function wordsOf(vip: VipOnNode): string[] {
  const { publicAddress } = vip;
  const address =
    publicAddress.kind === 'known'
      ? publicAddress.address
      : publicAddress.kind === 'tagged'
        ? `tag:${publicAddress.key}=${publicAddress.value}`
        : NONE;
  if (/\s/.test(address)) {
    throw new Error(
      `VIP ${vip.id}: the tag of its Elastic IP has a space, which a node cannot look for: rename the tag`,
    );
  }
  return [vip.id, vip.serviceAddress ?? NONE, vip.privateAddress, address, vip.tlsSecretArn ?? NONE];
}

/** @throws Error for a quote or a line end: no id, ARN, address or name has one */
function quoted(value: string): string {
  if (/['\n\r]/.test(value)) throw new Error(`${JSON.stringify(value)} cannot stand in the settings of a node`);
  return `'${value}'`;
}
