/** Writes what a node of the lab loads: the product's rendered configuration, and a dialplan as a user would bring it. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClusterConfig } from '../../lib/config/model';
import type { NodeTopology, Topology } from '../../lib/domain/model';
import {
  overriddenVariables,
  renderNodeConfiguration,
  renderNodeVariables,
  renderSecrets,
  USER_FOLDER,
  userFoldersOf,
} from '../../lib/freeswitch/configuration';
import { nodeDsn, PASSWORD_FILE } from '../../lib/freeswitch/configuration/dsn';
import type { RenderedFile } from '../../lib/freeswitch/configuration/model';
import { OUTSIDE, PHONE_USER, SIP_PORT } from './plan';

export interface NodeSecrets {
  eslPassword: string;
  databasePassword: string;
}

const SECRETS_FILE = 'esl.xml';
const DATABASE_PASSWORD_FILE = 'pgpass';

/** Below `folder`: `conf`, and the file with the password of the node's database role. */
export function writeNodeFiles(
  folder: string,
  config: ClusterConfig,
  topology: Topology,
  node: NodeTopology,
  secrets: NodeSecrets,
  callee: string = OUTSIDE.callee,
  more: readonly RenderedFile[] = [],
): void {
  const { database } = topology;
  if (database === null) throw new RangeError('the lab has a database');
  const passwordFile = join(folder, DATABASE_PASSWORD_FILE);
  const dsn = nodeDsn({
    host: database.host,
    port: String(database.port),
    database: database.name,
    nodeId: node.id,
    tls: false,
  }).replace(PASSWORD_FILE, passwordFile);
  const input = { cluster: config, nodeId: node.id };
  const publicAddresses = Object.fromEntries(
    topology.vips.flatMap(({ id, elasticIp }) => (elasticIp === null ? [] : [[id, elasticIp.publicIp]])),
  );
  const variables = overriddenVariables(input, {
    managementAddress: node.managementAddress,
    vipAddresses: node.vipAddresses,
    publicAddresses,
    databaseDsn: dsn,
    secretsFile: SECRETS_FILE,
  });
  const conf = join(folder, 'conf');
  rmSync(conf, { recursive: true, force: true });
  for (const each of userFoldersOf(input)) mkdirSync(join(conf, each), { recursive: true });
  const files = [
    ...renderNodeConfiguration(input),
    renderNodeVariables(variables),
    renderSecrets(SECRETS_FILE, secrets.eslPassword),
    { path: `${USER_FOLDER}/dialplan/lab.xml`, content: dialplan(callee, config.freeswitch.sipDomain) },
    ...more,
  ];
  for (const { path, content } of files) {
    mkdirSync(dirname(join(conf, path)), { recursive: true });
    writeFileSync(join(conf, path), content);
  }
  writeFileSync(passwordFile, `*:*:*:*:${secrets.databasePassword}\n`, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
}

/**
 * A registered phone is rung where it is. Every other number is dialled on to the callee, over the profile that the call
 * came in on: both legs belong to its VIP.
 */
const dialplan = (callee: string, domain: string): string => `<include>
  <context name="public">
    <extension name="phone">
      <condition field="destination_number" expression="^${PHONE_USER}$">
        <action application="bridge" data="user/${PHONE_USER}@${domain}"/>
      </condition>
    </extension>
    <extension name="lab">
      <condition field="destination_number" expression="^(.+)$">
        <action application="bridge" data="sofia/\${sofia_profile_name}/$1@${callee}:${SIP_PORT}"/>
      </condition>
    </extension>
  </context>
</include>
`;
