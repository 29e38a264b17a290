/** Pages through SNS. */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { PageMessage, Pager } from '../domain/ports';
import { MESSAGE_POLICY, type OutsideCalls } from './call';

/** SNS API reference, Publish: ASCII, up to 100 characters, no line breaks or control characters, not a blank first. */
const MAX_SUBJECT = 100;

/** SNS takes 256 KB with attributes; a page that long is a mistake, but it must go out nonetheless. */
const MAX_BODY = 200_000;

export class SnsPager implements Pager {
  constructor(
    private readonly client: SNSClient,
    private readonly calls: OutsideCalls,
    private readonly topicArn: string,
  ) {}

  /** A lost answer may page twice: twice is better than never. */
  async page(message: PageMessage): Promise<void> {
    const command = new PublishCommand({
      TopicArn: this.topicArn,
      Subject: asciiSubject(message.subject),
      Message: message.body.slice(0, MAX_BODY) || '(no text)',
      MessageAttributes: attributesOf(message.attributes),
    });
    const callee = { service: 'sns', action: 'Publish', resource: this.topicArn };
    await this.calls.run(callee, MESSAGE_POLICY, (signal) => this.client.send(command, { abortSignal: signal }));
  }
}

/** SNS refuses a whole message for one wrong character in its subject; a page must never be lost to that. */
export function asciiSubject(subject: string): string {
  const ascii = subject
    .replaceAll(/[\u2192\u27f6]/g, '->')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim();
  const text = ascii === '' ? 'Understudy' : ascii;
  return text.length <= MAX_SUBJECT ? text : `${text.slice(0, MAX_SUBJECT - 3)}...`;
}

/** SNS refuses attributes without a value. */
function attributesOf(attributes: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}
