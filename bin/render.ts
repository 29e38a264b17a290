#!/usr/bin/env node
/** `npm run render`: writes a node's FreeSWITCH configuration to a folder, to be read before it is trusted. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { loadConfig } from '../lib/config/load';
import type { ClusterConfig } from '../lib/config/model';
import { describeError, UnderstudyError } from '../lib/domain/errors';
import {
  overriddenVariables,
  placeholdersIn,
  remedyFor,
  renderNodeConfiguration,
  renderNodeVariables,
  renderSecrets,
  USER_FOLDER,
  userFoldersOf,
  type NodeConfigurationInput,
  type Overrides,
  type RenderedFile,
} from '../lib/freeswitch/configuration';

interface Options {
  node: string;
  out: string;
  config: string;
  cluster?: string;
  managementAddress?: string;
  vipAddress: Record<string, string>;
  publicAddress: Record<string, string>;
  serviceAddress: Record<string, string>;
  databaseDsn?: string;
  database: boolean;
  eslPasswordFile?: string;
  force?: boolean;
}

/** In the folder itself, and included from there. */
const SECRETS_FILE = 'esl.xml';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function chooseCluster(clusters: readonly ClusterConfig[], options: Options): ClusterConfig {
  const fitting = clusters.filter(({ id, nodes }) =>
    options.cluster === undefined ? nodes.some((node) => node.id === options.node) : id === options.cluster,
  );
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  const known = clusters.map(({ id, nodes }) => `${id} (${nodes.map((node) => node.id).join(', ')})`).join('; ');
  const what =
    options.cluster === undefined ? `cluster with the node "${options.node}"` : `cluster "${options.cluster}"`;
  throw new UnderstudyError(
    first === undefined
      ? `${options.config} has no ${what}: it has ${known}`
      : `several clusters have a node "${options.node}": choose one with --cluster. There are ${known}`,
  );
}

/** Reads `understudy.yaml` without touching anything. */
function inputOf(options: Options): NodeConfigurationInput & { cluster: ClusterConfig } {
  const cluster = chooseCluster(loadConfig(options.config).clusters, options);
  const database: ClusterConfig['database'] = options.database ? cluster.database : { source: 'none' };
  if (options.databaseDsn !== undefined && database.source === 'none') {
    throw new UnderstudyError(`cluster ${cluster.id} has no database: leave --database-dsn out, or configure one`);
  }
  return { cluster: { ...cluster, database }, nodeId: options.node };
}

function overridesOf(options: Options): Overrides {
  return {
    ...(options.managementAddress === undefined ? {} : { managementAddress: options.managementAddress }),
    vipAddresses: options.vipAddress,
    publicAddresses: options.publicAddress,
    serviceAddresses: options.serviceAddress,
    ...(options.databaseDsn === undefined ? {} : { databaseDsn: options.databaseDsn }),
    ...(options.eslPasswordFile === undefined ? {} : { secretsFile: SECRETS_FILE }),
  };
}

/** The first line. An empty password would make FreeSWITCH take its well-known one. */
function readPassword(path: string): string {
  const [password = ''] = readFileSync(path, 'utf8').split(/\r?\n/);
  if (/^[!-~]+$/.test(password)) return password;
  throw new UnderstudyError(`the first line of ${path} is no ESL password: write one of printable ASCII, no spaces`);
}

function writeAll(out: string, files: readonly RenderedFile[], folders: readonly string[]): void {
  for (const folder of folders) mkdirSync(join(out, folder), { recursive: true });
  for (const { path, content } of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    // The mode is that of a new file alone, and nobody else may see the password even for a moment.
    rmSync(join(out, path), { force: true });
    writeFileSync(join(out, path), content, { mode: path === SECRETS_FILE ? 0o600 : 0o644 });
  }
}

/** Returns a line for the reader. Nothing of theirs is changed on the way. */
function copyUserFiles(source: ClusterConfig['freeswitch']['userFiles'], out: string): string {
  const target = join(out, USER_FOLDER);
  switch (source.source) {
    case 'none':
      return `Your own files: none in the configuration; ${target} has the folders that are included.`;
    case 's3':
      return `Your own files: the node reads them from s3://${source.bucket}/${source.prefix}; copy them to ${target}.`;
    case 'folder':
      cpSync(source.path, target, { recursive: true });
      return `Your own files: copied from ${source.path} to ${target} as they are.`;
  }
}

function checkBeforeWriting({ out, force }: Options, source: ClusterConfig['freeswitch']['userFiles']): void {
  if (existsSync(out) && !statSync(out).isDirectory()) throw new UnderstudyError(`${out} is not a folder`);
  if (force !== true && existsSync(out) && readdirSync(out).length > 0) {
    throw new UnderstudyError(`${out} is not empty: choose another folder, or say --force to write over its files`);
  }
  if (source.source === 'folder' && !existsSync(source.path)) {
    throw new UnderstudyError(`freeswitch.userFiles.folder names ${source.path}, which does not exist: make it`);
  }
}

function render(options: Options): void {
  const input = inputOf(options);
  const variables = renderNodeVariables(overriddenVariables(input, overridesOf(options)));
  const secrets =
    options.eslPasswordFile === undefined ? [] : [renderSecrets(SECRETS_FILE, readPassword(options.eslPasswordFile))];
  const files = [...renderNodeConfiguration(input), variables, ...secrets];

  const { userFiles } = input.cluster.freeswitch;
  checkBeforeWriting(options, userFiles);
  writeAll(options.out, files, userFoldersOf(input));
  const userLine = copyUserFiles(userFiles, options.out);

  const thisNode = new Set([variables.path, SECRETS_FILE]);
  const plain = process.stdout.isTTY !== true || process.env['NO_COLOR'] !== undefined;
  const table = new Table({ head: ['file', 'bytes', 'is'], ...(plain ? { style: { head: [], border: [] } } : {}) });
  for (const { path, content } of files) {
    table.push([path, Buffer.byteLength(content), thisNode.has(path) ? 'this node only' : 'the same on its fellows']);
  }
  say(`Node ${options.node} of cluster ${input.cluster.id}, in ${options.out}\n${table.toString()}\n${userLine}`);
  const open = placeholdersIn(variables.content).map((mark) => `  ${mark}  ${remedyFor(mark, input)}`);
  if (secrets.length === 0) open.push('  the file that sets esl_password  --esl-password-file FILE');
  if (open.length > 0) say(`Filled in by the node when it boots; by hand:\n${open.join('\n')}`);
}

/** Collects `VIP=IP`, as often as it is given. */
function byVip(text: string, before: Record<string, string>): Record<string, string> {
  const [id = '', address] = text.split('=', 2);
  if (id === '' || address === undefined) throw new UnderstudyError(`"${text}" is not VIP=IP, like main=10.80.1.20`);
  return { ...before, [id]: address };
}

const program = new Command('render')
  .description("writes the configuration of a node's FreeSWITCH to a folder, for reading or for loading as it is")
  .requiredOption('--node <name>', 'id of the node')
  .requiredOption('--out <folder>', 'where to write; its files are FreeSWITCH’s conf folder')
  .option('--config <file>', 'the configuration of the cluster', 'understudy.yaml')
  .option('--cluster <id>', 'where several clusters have a node of that name')
  .option('--management-address <ip>', "the node's primary private address")
  .option('--vip-address <vip=ip>', "the node's own address of a VIP; once for each", byVip, {})
  .option('--public-address <vip=ip>', 'what peers see; once for each VIP', byVip, {})
  .option('--service-address <vip=ip>', 'bound by SIP and RTP, instead of the configured one', byVip, {})
  .option('--database-dsn <dsn>', 'pgsql://…, instead of the one made of the configuration')
  .option('--no-database', 'as if the cluster had none: SQLite, no recovery of calls')
  .option('--esl-password-file <file>', 'its first line becomes the ESL password, in a file of mode 0600')
  .option('--force', 'write over the files of a folder that is not empty')
  .action(render);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
});
