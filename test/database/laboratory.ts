/** A server set up as a deployment sets it up: by an administrator who is no superuser, as on RDS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import type { DatabaseConnection } from '../../lib/database/connection-settings';
import { PgCallDatabase } from '../../lib/database/pg-call-database';
import { setUpSharedDatabase, type AdminLogin } from '../../lib/database/schema/shared-database';
import { CONTROL_ROLE, OBSERVER_ROLE } from '../../lib/domain/database-names';
import { startPostgres, type LocalPostgres } from '../../local/postgres/start';

export const DATABASE = 'freeswitch';
export const NODE_1 = { role: 'node_node_1', password: 'first-secret' };
export const NODE_2 = { role: 'node_node_2', password: 'second-secret' };

/** As on RDS: CREATEROLE and CREATEDB, may grant pg_signal_backend and pg_monitor, no superuser. */
const MASTER = { user: 'master', password: 'master-secret' };

export interface Laboratory {
  postgres: LocalPostgres;
  master: AdminLogin;
  /** Everything is allowed to it: prepares and assesses. */
  superuser: Client;
  control: PgCallDatabase;
  connection(user: string): DatabaseConnection;
  /** A connection of its own, ended with the laboratory; `from` an address of the loopback. */
  login(user: string, password?: string, from?: string): Promise<Client>;
  close(): Promise<void>;
}

export async function openLaboratory(): Promise<Laboratory> {
  const projectDir = mkdtempSync(join(tmpdir(), 'understudy-database-'));
  const postgres = await startPostgres({ projectDir, instanceName: 'test' });
  const { host, port, adminUser, adminPassword } = postgres;
  const clients: Client[] = [];
  const login = async (user: string, password = '', from = host, database = DATABASE) => {
    const client = new Client({
      ...{ host, port, user, password, database, connectionTimeoutMillis: 2_000 },
      stream: () => new SocketFrom(from),
    });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const root = await login(adminUser, adminPassword, host, 'postgres');
  await root.query(`create role ${MASTER.user} login createrole createdb password '${MASTER.password}'`);
  await root.query(`grant pg_signal_backend, pg_monitor to ${MASTER.user} with admin option`);
  const master = { host, port, ...MASTER, tls: false };
  await setUpSharedDatabase(master, { database: DATABASE, nodes: [NODE_1, NODE_2], iam: false }, 10_000);

  const connection = (user: string): DatabaseConnection => ({
    ...{ host, port, name: DATABASE, user, tls: false, auth: 'none', region: 'eu-west-1' },
  });
  const control = new PgCallDatabase(connection(CONTROL_ROLE));
  return {
    postgres,
    master,
    superuser: await login(adminUser, adminPassword),
    control,
    connection,
    login,
    close: async () => {
      await control.close();
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await postgres.stop();
      rmSync(projectDir, { recursive: true, force: true });
    },
  };
}

export const OBSERVER = OBSERVER_ROLE;

/** The driver calls `connect(port, host)`, and has no word for the address that it comes from. */
class SocketFrom extends Socket {
  constructor(private readonly localAddress_: string) {
    super();
  }

  override connect(...args: unknown[]): this {
    const [port, host] = args as [number, string];
    return super.connect({ port, host, localAddress: this.localAddress_ });
  }
}

export interface Leg {
  uuid: string;
  coreUuid: string;
  /** The other leg; left out: echo, park. */
  partner?: string;
  profile?: string;
  transport?: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  direction?: 'inbound' | 'outbound';
  mediaAddress?: string;
}

/** Rows in the shape of a real FreeSWITCH 1.11, reduced to what anybody reads. */
export async function writeLegs(client: Client, legs: readonly Leg[]): Promise<void> {
  for (const leg of legs) {
    await client.query(
      `insert into recovery (runtime_uuid, technology, profile_name, hostname, uuid, metadata)
       values ($1, 'sofia', $2, 'node-1', $3, $4)`,
      [leg.coreUuid, leg.profile ?? 'external-a', leg.uuid, metadataOf(leg)],
    );
  }
}

/** A bridged call: two legs that name each other. */
export function bridgedCall(name: string, coreUuid: string, more: Partial<Leg> = {}): [Leg, Leg] {
  const [a, b] = [`${name}-a`, `${name}-b`];
  return [
    { uuid: a, partner: b, coreUuid, direction: 'inbound', ...more },
    { uuid: b, partner: a, coreUuid, direction: 'outbound', profile: more.profile ?? 'external-a' },
  ];
}

function metadataOf(leg: Leg): string {
  const { uuid, coreUuid, partner, transport = 'udp', direction = 'inbound', mediaAddress = '10.0.1.11' } = leg;
  const variables = [
    ['direction', direction],
    ['uuid', uuid],
    ...(direction === 'inbound' ? [['sip_via_protocol', transport]] : []),
    ['sip_full_via', `SIP/2.0/${transport.toUpperCase()}%20198.51.100.7%3A5060%3Bbranch%3Dz9hG4bK1`],
    ...(partner === undefined
      ? []
      : [
          ['signal_bond', partner],
          ['bridge_to', partner],
        ]),
    ['local_media_ip', mediaAddress],
    ['local_media_port', '21334'],
    ['advertised_media_ip', '198.51.100.10'],
  ];
  const lines = variables.map(([name, value]) => `    <${name}>${value}</${name}>`);
  return `<cdr core-uuid="${coreUuid}" switchname="node-1">\n  <variables>\n${lines.join('\n')}\n  </variables>\n</cdr>\n`;
}
