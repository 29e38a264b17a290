import type { DatabaseAccess } from '../options';
import { PgLane } from './pg-lane';
import type { OthersQuery, RecoveryRow, Registration, RowStore } from './row-store';

interface LegColumns {
  runtime_uuid: string;
  profile_name: string;
  hostname: string;
  uuid: string;
  metadata: string;
}

interface ContactColumns {
  call_id: string;
  contact: string;
  status: string;
  expires: string;
  user_agent: string;
  server_host: string;
  profile_name: string;
  hostname: string;
  network_ip: string;
  network_port: string;
}

/** FreeSWITCH's tables in PostgreSQL, with connections of the node's own role, as mod_pgsql has them. */
export class PgRows implements RowStore {
  private readonly writer: PgLane;
  private readonly reader: PgLane;
  private readonly registrar: PgLane;

  constructor(access: DatabaseAccess) {
    this.writer = new PgLane(access, 'core writes');
    this.reader = new PgLane(access, 'core reads');
    this.registrar = new PgLane(access, 'sofia');
  }

  async ping(): Promise<void> {
    await this.reader.query('select hostname from recovery limit 1');
  }

  async close(): Promise<void> {
    await Promise.all([this.writer.close(), this.reader.close(), this.registrar.close()]);
  }

  async insertLeg(row: RecoveryRow): Promise<void> {
    await this.writer.query(
      `insert into recovery (runtime_uuid, technology, profile_name, hostname, uuid, metadata)
       values ($1, 'sofia', $2, $3, $4, $5)`,
      [row.runtimeUuid, row.profileName, row.hostname, row.uuid, row.metadata],
    );
  }

  async updateLeg(uuid: string, metadata: string): Promise<void> {
    await this.writer.query('update recovery set metadata = $2 where uuid = $1', [uuid, metadata]);
  }

  async deleteLeg(uuid: string): Promise<void> {
    await this.writer.query('delete from recovery where uuid = $1', [uuid]);
  }

  async legsOfOthers(query: OthersQuery): Promise<RecoveryRow[]> {
    const rows = await this.reader.query<LegColumns>(
      `select runtime_uuid, profile_name, hostname, uuid, metadata from recovery ${OF_OTHERS}`,
      [query.ownCoreUuid, query.profile],
    );
    return rows.map((row) => ({
      runtimeUuid: row.runtime_uuid,
      profileName: row.profile_name,
      hostname: row.hostname,
      uuid: row.uuid,
      metadata: row.metadata,
    }));
  }

  async deleteLegsOfOthers(query: OthersQuery): Promise<void> {
    await this.reader.query(`delete from recovery ${OF_OTHERS}`, [query.ownCoreUuid, query.profile]);
  }

  async deleteLegsOf(profile: string): Promise<void> {
    await this.reader.query(`delete from recovery where technology = 'sofia' and profile_name = $1`, [profile]);
  }

  async forgetNonces(): Promise<void> {
    await this.registrar.query('delete from sip_authentication');
  }

  async rememberNonce(nonce: string, profile: string, hostname: string, expiresEpochS: number): Promise<void> {
    await this.registrar.query(
      `insert into sip_authentication (nonce, expires, profile_name, hostname, last_nc) values ($1, $2, $3, $4, 0)`,
      [nonce, expiresEpochS, profile, hostname],
    );
  }

  async knowsNonce(nonce: string): Promise<boolean> {
    const rows = await this.registrar.query('select nonce from sip_authentication where nonce = $1', [nonce]);
    return rows.length > 0;
  }

  async putRegistration(row: Registration): Promise<void> {
    await this.deleteRegistration(row.user, row.host);
    await this.registrar.query(
      `insert into sip_registrations
         (call_id, sip_user, sip_host, presence_hosts, contact, status, ping_status, ping_count, ping_time, force_ping,
          rpid, expires, user_agent, server_user, server_host, profile_name, hostname, network_ip, network_port,
          sip_username, sip_realm, mwi_user, mwi_host, orig_server_host, orig_hostname, sub_host)
       values ($1, $2, $3, $3, $4, $5, 'Reachable', 0, 0, 0, 'unknown', $6, $7, $2, $8, $9, $10, $11, $12,
               $2, $3, $2, $3, $8, $10, $3)`,
      [
        ...[row.callId, row.user, row.host, row.contact, row.status, row.expiresEpochS, row.userAgent],
        ...[row.serverHost, row.profileName, row.hostname, row.networkIp, String(row.networkPort)],
      ],
    );
    await this.registrar.query(
      `insert into registrations
         (reg_user, realm, token, url, expires, network_ip, network_port, network_proto, hostname)
       values ($1, $2, $3, $4, $5, $6, $7, 'udp', $8)`,
      [
        ...[row.user, row.host, row.callId, `sofia/${row.profileName}/${bare(row.contact)}`, row.expiresEpochS],
        ...[row.networkIp, String(row.networkPort), row.hostname],
      ],
    );
  }

  async deleteRegistration(user: string, host: string): Promise<void> {
    await this.registrar.query('delete from sip_registrations where sip_user = $1 and sip_host = $2', [user, host]);
    await this.registrar.query('delete from registrations where reg_user = $1 and realm = $2', [user, host]);
  }

  async contactsOf(user: string, host: string, profiles: readonly string[]): Promise<Registration[]> {
    const rows = await this.registrar.query<ContactColumns>(
      `select call_id, contact, status, expires, user_agent, server_host, profile_name, hostname, network_ip,
              network_port
       from sip_registrations where sip_user = $1 and sip_host = $2 and profile_name = any($3)`,
      [user, host, [...profiles]],
    );
    return rows.map((row) => ({
      callId: row.call_id,
      user,
      host,
      contact: row.contact,
      status: row.status,
      expiresEpochS: Number(row.expires),
      userAgent: row.user_agent,
      serverHost: row.server_host,
      profileName: row.profile_name,
      hostname: row.hostname,
      networkIp: row.network_ip,
      networkPort: Number(row.network_port),
    }));
  }

  async deleteExpired(hostname: string, nowEpochS: number): Promise<number> {
    const expired = await this.registrar.query(
      'delete from sip_registrations where hostname = $1 and expires > 0 and expires <= $2 returning call_id',
      [hostname, nowEpochS],
    );
    await this.registrar.query('delete from registrations where hostname = $1 and expires > 0 and expires <= $2', [
      hostname,
      nowEpochS,
    ]);
    return expired.length;
  }

  async countOwn(hostname: string): Promise<number> {
    const [row] = await this.registrar.query<{ count: number }>(
      'select count(*)::int as count from sip_registrations where hostname = $1',
      [hostname],
    );
    return row?.count ?? 0;
  }
}

const OF_OTHERS = `where technology = 'sofia' and runtime_uuid <> $1 and ($2::text is null or profile_name = $2)`;

const bare = (contact: string): string => contact.replace(/^.*<|>.*$/g, '');
