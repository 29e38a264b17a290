/** A world whose nodes exist before the deployment: the demo is the team that had them, and writes their ids down. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import { Client } from 'pg';
import { parseDocument } from 'yaml';

import type { ClusterConfig } from '../../../lib/config/model';
import { startEmulator } from '../../emulator/emulator';
import { cleanUpLeftovers } from '../../emulator/processes';
import { claimLane, emulatorRanges, nameIn, type ClaimedLane } from '../../lane';
import { startPostgres, type LocalPostgres } from '../../postgres/start';
import { World, type WorldOptions } from '../world';
import { makeExistingSite, type ExistingSite } from './existing-site';
import { describeSite, needsDatabase, nodesOf, type AdoptionLevel } from './level';
import { planSite } from './site-plan';

/** Of a team that has one, where the configuration names none. */
const DATABASE_NAME = 'freeswitch';

export interface Adoption {
  /** The configuration as it is written, with placeholders for what exists. */
  cluster: ClusterConfig;
  level: AdoptionLevel;
  /** Node that has the addresses before the deployment; the first one when absent. */
  carrier?: string;
}

type AdoptedOptions = Omit<WorldOptions, 'emulator' | 'postgres' | 'standIns' | 'lane'>;

/**
 * Makes the site, and a world for the configuration with its ids in it (`.understudy/<name>/adopted.yaml`).
 *
 * @throws SiteNotMade, ConfigurationError, NoLaneFree, EmulatorSetupError, EmulatorError, PostgresError
 */
export async function createAdoptedWorld(
  options: AdoptedOptions,
  adoption: Adoption,
): Promise<{ world: World; site: ExistingSite }> {
  const lane = await claimLane(options.log);
  try {
    return await createIn(lane, options, adoption);
  } catch (error) {
    lane.release();
    throw error;
  }
}

async function createIn(
  lane: ClaimedLane,
  options: AdoptedOptions,
  { cluster, level, carrier }: Adoption,
): Promise<{ world: World; site: ExistingSite }> {
  const { projectDir, log } = options;
  const name = nameIn(lane, options.name);
  const plan = planSite(cluster, carrier);
  const ended = await cleanUpLeftovers(projectDir);
  if (ended.length > 0) log(`ended what an earlier run left behind: ${ended.join(', ')}`);
  const postgres = needsDatabase(level) ? await startPostgres({ projectDir, instanceName: name, log }) : null;
  const emulator = await startEmulator({
    projectDir,
    instanceName: name,
    log,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...emulatorRanges(lane) },
    ...(options.latency === undefined ? {} : { latency: options.latency }),
  });
  const database = cluster.database.source === 'none' ? DATABASE_NAME : cluster.database.name;
  if (postgres !== null) await createDatabase(postgres, database);
  const site = await makeExistingSite(
    { endpoint: emulator.directEndpoint },
    lane,
    plan,
    postgres === null ? null : { server: postgres, name: database },
  );
  const config = writeDown({ ...options, name }, site, level);
  const standIns = nodesOf(level);
  const world = await World.create({
    ...{ ...options, config, emulator, standIns, lane },
    ...(postgres === null ? {} : { postgres }),
  });
  return { world, site };
}

/** @returns the path of the copy, from the project's folder */
function writeDown(
  { projectDir, name, config }: Pick<WorldOptions, 'projectDir' | 'name' | 'config'>,
  site: ExistingSite,
  level: AdoptionLevel,
): string {
  const document = parseDocument(readFileSync(resolve(projectDir, config), 'utf8'));
  describeSite(document, site, level);
  const folder = join(projectDir, '.understudy', name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'adopted.yaml');
  writeFileSync(file, document.toString());
  return relative(projectDir, file);
}

async function createDatabase({ host, port, adminUser, adminPassword }: LocalPostgres, name: string): Promise<void> {
  const client = new Client({
    ...{ host, port, user: adminUser, password: adminPassword, database: 'postgres' },
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
