/** The log through Powertools: one JSON line each, with the cluster and the invocation, and never a secret. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../domain/ports';
import { redact, redactText } from './redact';

/** What Powertools puts into a line itself: fields of ours with such a name would hide it. */
const RESERVED = new Set(['level', 'message', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id']);

export class PowertoolsLog implements Log {
  private readonly logger: Logger;
  private readonly secrets = new Set<string>();

  /** @param fields stand in every line: cluster, zone, invocation */
  constructor(serviceName: string, fields: Record<string, string> = {}) {
    this.logger = new Logger({ serviceName, logLevel: 'INFO', persistentKeys: fields });
  }

  /** From now on this text never appears in a line, under whatever name. */
  hide(secret: string): void {
    if (secret !== '') this.secrets.add(secret);
  }

  info(message: string, fields: Record<string, unknown> = {}): void {
    this.logger.info(this.clean(message), this.cleanFields(fields));
  }

  warn(message: string, fields: Record<string, unknown> = {}): void {
    this.logger.warn(this.clean(message), this.cleanFields(fields));
  }

  error(message: string, fields: Record<string, unknown> = {}): void {
    this.logger.error(this.clean(message), this.cleanFields(fields));
  }

  private clean(text: string): string {
    return redactText(text, [...this.secrets]);
  }

  private cleanFields(fields: Record<string, unknown>): Record<string, unknown> {
    const clean = redact(fields, [...this.secrets]);
    const entries = Object.entries(typeof clean === 'object' && clean !== null ? clean : {});
    return Object.fromEntries(entries.map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value]));
  }
}
