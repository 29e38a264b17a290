import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { Paging } from '../paging';
import { ClusterKey } from './cluster-key';
import { ClusterTable } from './cluster-table';
import { EslSecret } from './esl-secret';
import { PagingTopic } from './paging-topic';

export interface ClusterStateProps {
  config: ClusterConfig;
  /** Where `docs/runbook.md` can be opened; stands in every page. */
  runbookUrl: string;
}

/** What must outlive everything else: the table, the key, the ESL secret, and the topic that people subscribe to. */
export class ClusterState extends Construct {
  readonly table: dynamodb.Table;
  /** null when the table is encrypted by the key that AWS owns. */
  readonly tableKey: kms.IKey | null;
  readonly topicKey: kms.IKey;
  readonly eslSecretArn: string;
  readonly paging: Paging;

  constructor(scope: Construct, id: string, props: ClusterStateProps) {
    super(scope, id);
    const { config } = props;
    const { key } = new ClusterKey(this, 'Key', config.id);
    const { topic } = new PagingTopic(this, 'Paging', { cluster: config.id, key, emails: config.paging.emails });
    this.paging = new Paging(topic, config.id, props.runbookUrl);
    this.topicKey = key;
    this.tableKey = config.state.customerManagedKey ? key : null;
    this.table = new ClusterTable(this, 'State', { config: config.state, key, paging: this.paging }).table;
    this.eslSecretArn = new EslSecret(this, 'Esl', config.id, config.eslSecret).arn;
  }
}
