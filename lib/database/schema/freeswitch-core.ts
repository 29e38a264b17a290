/**
 * Tables of FreeSWITCH's core database. Names, columns, widths and indexes are what FreeSWITCH 1.10.12 and 1.11 read
 * and write (read back from the catalogue of a database that 1.11.2 had set up); a node finds them there because it
 * runs with `auto-create-schemas=false` and may not create any (FACTS 8.4).
 */
import { int, text, varchar, type TableDefinition } from './table';

export const CORE_TABLES: readonly TableDefinition[] = [
  {
    name: 'recovery',
    columns: {
      ...varchar(255, 'runtime_uuid', 'technology', 'profile_name', 'hostname', 'uuid'),
      ...text('metadata'),
    },
    indexes: { recovery1: 'technology', recovery2: 'profile_name', recovery3: 'uuid', recovery4: 'runtime_uuid' },
  },
  {
    name: 'registrations',
    columns: {
      ...varchar(256, 'reg_user', 'realm', 'token'),
      ...text('url'),
      ...int('expires'),
      ...varchar(256, 'network_ip', 'network_port', 'network_proto', 'hostname', 'metadata'),
    },
    indexes: { regindex1: 'reg_user, realm, hostname' },
  },
  {
    name: 'channels',
    columns: {
      ...varchar(256, 'uuid'),
      ...varchar(32, 'direction'),
      ...varchar(128, 'created'),
      ...int('created_epoch'),
      ...varchar(1024, 'name'),
      ...varchar(64, 'state'),
      ...varchar(1024, 'cid_name'),
      ...varchar(256, 'cid_num', 'ip_addr'),
      ...varchar(1024, 'dest'),
      ...varchar(128, 'application'),
      ...varchar(4096, 'application_data'),
      ...varchar(128, 'dialplan', 'context', 'read_codec'),
      ...varchar(32, 'read_rate', 'read_bit_rate'),
      ...varchar(128, 'write_codec'),
      ...varchar(32, 'write_rate', 'write_bit_rate'),
      ...varchar(64, 'secure'),
      ...varchar(256, 'hostname'),
      ...varchar(4096, 'presence_id', 'presence_data'),
      ...varchar(256, 'accountcode'),
      ...varchar(64, 'callstate'),
      ...varchar(1024, 'callee_name'),
      ...varchar(256, 'callee_num'),
      ...varchar(5, 'callee_direction'),
      ...varchar(256, 'call_uuid'),
      ...varchar(1024, 'sent_callee_name'),
      ...varchar(256, 'sent_callee_num'),
      ...varchar(1024, 'initial_cid_name'),
      ...varchar(256, 'initial_cid_num', 'initial_ip_addr'),
      ...varchar(1024, 'initial_dest'),
      ...varchar(128, 'initial_dialplan', 'initial_context'),
    },
    indexes: { chidx1: 'hostname', uuindex: 'uuid, hostname', uuindex2: 'call_uuid' },
  },
  {
    name: 'calls',
    columns: {
      ...varchar(255, 'call_uuid'),
      ...varchar(128, 'call_created'),
      ...int('call_created_epoch'),
      ...varchar(256, 'caller_uuid', 'callee_uuid', 'hostname'),
    },
    indexes: {
      callsidx1: 'hostname',
      eruuindex: 'caller_uuid, hostname',
      eeuuindex: 'callee_uuid',
      eeuuindex2: 'call_uuid',
    },
  },
  {
    name: 'aliases',
    columns: {
      ...int('sticky'),
      ...varchar(128, 'alias'),
      ...varchar(4096, 'command'),
      ...varchar(256, 'hostname'),
    },
    indexes: { alias1: 'alias' },
  },
  {
    name: 'complete',
    columns: {
      ...int('sticky'),
      ...varchar(128, 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'a10'),
      ...varchar(256, 'hostname'),
    },
    indexes: {
      ...Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [`complete${index + 1}`, `a${index + 1}, hostname`]),
      ),
      complete11: 'a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, hostname',
    },
  },
  {
    name: 'interfaces',
    columns: {
      ...varchar(128, 'type'),
      ...varchar(1024, 'name'),
      ...varchar(4096, 'description'),
      ...varchar(1024, 'ikey'),
      ...varchar(4096, 'filename', 'syntax'),
      ...varchar(256, 'hostname'),
    },
    indexes: {},
  },
  {
    name: 'nat',
    columns: { ...int('sticky', 'port', 'proto'), ...varchar(256, 'hostname') },
    indexes: { nat_map_port_proto: 'port, proto, hostname' },
  },
  {
    name: 'tasks',
    columns: {
      ...int('task_id'),
      ...varchar(4096, 'task_desc'),
      ...varchar(1024, 'task_group'),
      task_runtime: 'bigint',
      ...int('task_sql_manager'),
      ...varchar(256, 'hostname'),
    },
    indexes: { tasks1: 'hostname, task_id' },
  },
];
