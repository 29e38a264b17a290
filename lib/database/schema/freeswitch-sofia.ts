/** Tables of mod_sofia (`odbc-dsn` of a profile): registrations, nonces, dialogs. Source as in `freeswitch-core.ts`. */
import { each, varchar, type TableDefinition } from './table';

export const SOFIA_TABLES: readonly TableDefinition[] = [
  {
    name: 'sip_registrations',
    columns: {
      ...varchar(255, 'call_id', 'sip_user', 'sip_host', 'presence_hosts'),
      ...varchar(1024, 'contact'),
      ...varchar(255, 'status', 'ping_status'),
      ping_count: 'integer',
      ping_time: 'bigint',
      force_ping: 'integer',
      ...varchar(255, 'rpid'),
      expires: 'bigint',
      ping_expires: 'integer default 0 not null',
      ...varchar(255, 'user_agent', 'server_user', 'server_host', 'profile_name', 'hostname', 'network_ip'),
      ...varchar(6, 'network_port'),
      ...varchar(255, 'sip_username', 'sip_realm', 'mwi_user', 'mwi_host', 'orig_server_host', 'orig_hostname'),
      ...varchar(255, 'sub_host'),
    },
    indexes: {
      ...each('sr', 'call_id', 'sip_user', 'sip_host', 'sub_host', 'mwi_user', 'mwi_host', 'profile_name'),
      ...each('sr', 'presence_hosts', 'contact', 'expires', 'ping_expires', 'hostname', 'status', 'ping_status'),
      ...each('sr', 'network_ip', 'network_port', 'sip_username', 'sip_realm', 'orig_server_host', 'orig_hostname'),
    },
  },
  {
    name: 'sip_authentication',
    columns: {
      ...varchar(255, 'nonce'),
      expires: 'bigint',
      ...varchar(255, 'profile_name', 'hostname'),
      last_nc: 'integer',
      algorithm: 'integer default 1 not null',
    },
    indexes: each('sa', 'nonce', 'hostname', 'expires', 'last_nc'),
  },
  {
    name: 'sip_dialogs',
    columns: {
      ...varchar(255, 'call_id', 'uuid', 'sip_to_user', 'sip_to_host', 'sip_from_user', 'sip_from_host'),
      ...varchar(255, 'contact_user', 'contact_host', 'state', 'direction', 'user_agent', 'profile_name', 'hostname'),
      ...varchar(255, 'contact', 'presence_id', 'presence_data', 'call_info'),
      call_info_state: "varchar(255) default ''",
      expires: 'bigint default 0',
      ...varchar(255, 'status', 'rpid', 'sip_to_tag', 'sip_from_tag'),
      rcd: 'integer default 0 not null',
    },
    indexes: {
      ...each('sd', 'uuid', 'hostname', 'presence_data', 'call_info', 'call_info_state', 'expires', 'rcd'),
      ...each('sd', 'sip_to_tag', 'sip_from_user', 'sip_from_host', 'sip_to_host', 'presence_id', 'call_id'),
      ...each('sd', 'sip_from_tag'),
    },
  },
  {
    name: 'sip_presence',
    columns: {
      ...varchar(255, 'sip_user', 'sip_host', 'status', 'rpid'),
      expires: 'bigint',
      ...varchar(255, 'user_agent', 'profile_name', 'hostname', 'network_ip'),
      ...varchar(6, 'network_port'),
      ...varchar(255, 'open_closed'),
    },
    indexes: each('sp', 'hostname', 'open_closed', 'sip_user', 'sip_host', 'profile_name', 'expires'),
  },
  {
    name: 'sip_subscriptions',
    columns: {
      ...varchar(255, 'proto', 'sip_user', 'sip_host', 'sub_to_user', 'sub_to_host', 'presence_hosts', 'event'),
      ...varchar(1024, 'contact'),
      ...varchar(255, 'call_id', 'full_from', 'full_via'),
      expires: 'bigint',
      ...varchar(255, 'user_agent', 'accept', 'profile_name', 'hostname'),
      ...varchar(6, 'network_port'),
      ...varchar(255, 'network_ip'),
      version: 'integer default 0 not null',
      ...varchar(255, 'orig_proto', 'full_to'),
    },
    indexes: {
      ss_multi: 'call_id, profile_name, hostname',
      ...each('ss', 'call_id', 'hostname', 'network_ip', 'sip_user', 'sip_host', 'presence_hosts', 'event', 'proto'),
      ...each('ss', 'sub_to_user', 'sub_to_host', 'expires', 'orig_proto', 'network_port', 'profile_name', 'version'),
      ...each('ss', 'full_from', 'contact'),
    },
  },
  {
    name: 'sip_shared_appearance_subscriptions',
    columns: varchar(255, 'subscriber', 'call_id', 'aor', 'profile_name', 'hostname', 'contact_str', 'network_ip'),
    indexes: each('ssa', 'hostname', 'network_ip', 'subscriber', 'profile_name', 'aor'),
  },
  {
    name: 'sip_shared_appearance_dialogs',
    columns: {
      ...varchar(255, 'profile_name', 'hostname', 'contact_str', 'call_id', 'network_ip'),
      expires: 'bigint',
    },
    indexes: each('ssd', 'profile_name', 'hostname', 'contact_str', 'call_id', 'expires'),
  },
];
