/** The on-call engineer's phone: a queue that is subscribed to the paging topic and keeps what came. */
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

import { awsClientConfig } from '../emulator/loopback';
import type { Notification } from './facts';
import { notYet, ready, until } from './until';

const POLL_MS = 200;
const CAUGHT_UP_TIMEOUT_MS = 30_000;

export class Phone {
  private readonly received: Notification[] = [];
  private running = true;
  /** That found nothing more. */
  private looks = 0;
  private readonly loop: Promise<void>;

  private constructor(
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
  ) {
    this.loop = this.listen();
  }

  /** Makes the queue, subscribes it, and starts listening. */
  static async subscribe(aws: { endpoint: string }, topicArn: string): Promise<Phone> {
    const config = awsClientConfig(aws);
    // The queue's own address leads past the proxy that adds the header IAM's "secure transport" conditions look for.
    const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
    const { QueueUrl: queueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'on-call-engineer' }));
    if (queueUrl === undefined) throw new Error('the local SQS made no queue');
    const attributes = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
    );
    const queueArn = attributes.Attributes?.QueueArn ?? '';
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy: admit(topicArn, queueArn) } }),
    );
    const sns = new SNSClient(config);
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn }));
    sns.destroy();
    return new Phone(sqs, queueUrl);
  }

  /** What came since the given time (epoch milliseconds), oldest first. */
  since(atMs: number): Notification[] {
    return this.received.filter((notification) => notification.receivedAtMs >= atMs);
  }

  /** Until all that was published before has come. */
  async caughtUp(): Promise<void> {
    // One look may be under way, and its answer older than the question.
    const enough = this.looks + 2;
    await until('the phone has looked', { timeoutMs: CAUGHT_UP_TIMEOUT_MS }, () =>
      Promise.resolve(this.looks >= enough ? ready(true) : notYet(`${enough - this.looks} looks are missing`)),
    );
  }

  async close(): Promise<void> {
    this.running = false;
    await this.loop;
    this.sqs.destroy();
  }

  private async listen(): Promise<void> {
    while (this.running) {
      await this.fetch().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async fetch(): Promise<void> {
    const { Messages: messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (messages.length === 0) {
      this.looks += 1;
      return;
    }
    const receivedAtMs = Date.now();
    for (const message of messages) this.received.push(parseNotification(message.Body ?? '', receivedAtMs));
    await this.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.queueUrl,
        Entries: messages.map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle })),
      }),
    );
  }
}

/** Without such a policy SNS drops what it has for a queue, and says so to nobody. */
function admit(topicArn: string, queueArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  });
}

/** An SNS envelope as a notification. CloudWatch's alarms are JSON with an `AlarmName`; our own pages are prose. */
export function parseNotification(envelope: string, receivedAtMs: number): Notification {
  const { Subject: subject, Message: body } = JSON.parse(envelope) as { Subject?: string; Message?: string };
  return { kind: isAlarm(body ?? '') ? 'alarm' : 'page', subject: subject ?? '', body: body ?? '', receivedAtMs };
}

function isAlarm(body: string): boolean {
  if (!body.startsWith('{')) return false;
  try {
    return Object.hasOwn(JSON.parse(body) as object, 'AlarmName');
  } catch {
    return false;
  }
}
