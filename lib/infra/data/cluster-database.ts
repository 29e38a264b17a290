import { Stack, Tags, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import type { DatabaseConnection } from '../../database/connection-settings';
import type { DatabaseTopology } from '../../domain/model';
import type { DatabaseServer } from '../../operations/database-setup';
import { signInToDatabase } from '../functions/database-permissions';
import type { UnderstudyFunction } from '../functions/understudy-function';
import { pascal, required, TAGS } from '../naming';
import type { ClusterNetwork } from '../network/cluster-network';
import type { NodeDatabase } from '../nodes/node-database';
import type { ClusterState } from '../state/cluster-state';
import { watchInstance } from './database-alarms';
import { DatabaseEvents } from './database-events';
import { DatabaseSetup } from './database-setup';
import { certificatesFor, type DatabaseSite } from './database-site';
import { NodeSecret } from './node-secret';
import { PostgresInstance } from './postgres-instance';
import { SecretRotation } from './secret-rotation';

type UsedDatabase = Exclude<ClusterConfig['database'], { source: 'none' }>;

export interface ClusterDatabaseProps {
  config: ClusterConfig;
  database: UsedDatabase;
  network: ClusterNetwork;
  state: ClusterState;
}

/** The server, made or found: the rest does not ask which. */
interface Server extends DatabaseServer {
  adminSecretArn: string;
  /** By which a permission names it; null where only the host is known. */
  resourceId: string | null;
}

/** The shared PostgreSQL, its logins, and what sets it up before the nodes: they depend on this construct. */
export class ClusterDatabase extends Construct implements NodeDatabase {
  readonly host: string;
  readonly port: string;
  readonly name: string;
  readonly tls: boolean;
  /** null where the database existed already: what watches it is its owner's. */
  readonly created: PostgresInstance | null;
  readonly setup: DatabaseSetup;
  readonly rotation: SecretRotation;
  private readonly secrets: ReadonlyMap<string, NodeSecret>;
  private readonly server: Server;
  private readonly region: string;

  constructor(scope: Construct, id: string, props: ClusterDatabaseProps) {
    super(scope, id);
    const { config, database, network, state } = props;
    this.created = database.source === 'create' ? this.create(props, database) : null;
    this.server = this.created === null ? found(database) : made(this.created, database);
    this.region = config.region;
    this.host = this.server.host;
    this.port = Token.asString(this.server.port);
    this.name = this.server.name;
    this.tls = this.server.tls;
    this.secrets = new Map(
      config.nodes.map(({ id: nodeId }) => [
        nodeId,
        new NodeSecret(this, `Node${pascal(nodeId)}`, { cluster: config.id, nodeId }),
      ]),
    );

    const zone = required(config.observerZones[0], 'a zone with an observer');
    const site: DatabaseSite = {
      serverJson: Stack.of(this).toJsonString(this.serverOf()),
      network: { vpc: network.vpc, subnet: network.functionSubnet(zone), securityGroup: network.functionGroup },
      certificates: certificatesFor(this.tls),
    };
    const { adminSecretArn } = this.server;
    const common = { cluster: config.id, site, adminSecretArn, secrets: this.secrets, paging: state.paging };
    this.setup = new DatabaseSetup(this, 'Setup', { ...common, iam: this.signsInByIam });
    this.rotation = new SecretRotation(this, 'Rotation', common);
    // The first password of a role is the setup's to set.
    for (const schedule of this.rotation.schedules) schedule.node.addDependency(this.setup);
    Tags.of(this).add(TAGS.cluster, config.id);
  }

  /** @throws Error when the configuration has no such node */
  nodeSecretArn(nodeId: string): string {
    return required(this.secrets.get(nodeId), `the database login of node ${nodeId}`).secret.secretArn;
  }

  /** Lets a function sign in as one role, and tells it where. Nothing secret is in it. */
  admit(client: UnderstudyFunction, user: string): void {
    const connection: DatabaseConnection = {
      ...this.serverOf(),
      user,
      auth: this.signsInByIam ? 'iam' : 'none',
      region: this.region,
    };
    client.function.addEnvironment('UNDERSTUDY_DATABASE', Stack.of(client).toJsonString(connection));
    for (const [name, value] of Object.entries(certificatesFor(this.tls))) client.function.addEnvironment(name, value);
    if (this.signsInByIam) client.allow(signInToDatabase(this.server.resourceId, user));
  }

  get topology(): DatabaseTopology {
    const { host, port, name } = this.server;
    return { host, port, name };
  }

  /** IAM's tokens travel in clear text inside the connection: without TLS there is no signing in by them. */
  private get signsInByIam(): boolean {
    return this.tls;
  }

  private serverOf(): DatabaseServer {
    const { host, port, name, tls } = this.server;
    return { host, port, name, tls };
  }

  private create(
    { config, network, state }: ClusterDatabaseProps,
    database: Extract<UsedDatabase, { source: 'create' }>,
  ): PostgresInstance {
    const postgres = new PostgresInstance(this, 'Postgres', {
      cluster: config.id,
      database,
      subnets: network.databaseSubnets,
      securityGroup: required(network.databaseGroup, 'the security group of the database'),
      deletionProtection: config.state.deletionProtection,
    });
    watchInstance(postgres, state.paging, {
      instanceId: postgres.instance.ref,
      storageGiB: database.storageGiB,
      nodes: config.nodes.length,
    });
    new DatabaseEvents(postgres, 'Events', {
      instanceArn: postgres.instance.attrDbInstanceArn,
      paging: state.paging,
      topicKey: state.topicKey,
    });
    return postgres;
  }
}

function made(postgres: PostgresInstance, { name, tls }: UsedDatabase): Server {
  const { host, port, adminSecretArn, resourceId } = postgres;
  return { host, port, name, tls, adminSecretArn, resourceId };
}

function found(database: UsedDatabase): Server {
  if (database.source !== 'existing') throw new Error('a database that is to be made was looked for');
  const { host, port, name, tls, adminSecretArn } = database;
  return { host, port, name, tls, adminSecretArn, resourceId: null };
}
