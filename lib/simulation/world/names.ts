/** Route 53: record sets that change as a whole, or not at all. */
import type { Dns, DnsRecord } from '../../domain/ports';
import type { Process } from '../kernel/process';
import type { Weather } from './weather';

export class Names {
  readonly records = new Map<string, DnsRecord>();
  /** Told of each name that was changed. */
  onChange: (name: string) => void = () => undefined;

  constructor(private readonly weather: Weather) {}

  /** As one function sees it. */
  seenBy(process: Process): Dns {
    const call = <T>(action: string, effect: () => T): Promise<Awaited<T>> =>
      this.weather.call(process, 'route53', action, effect);
    const swap = (name: string, old: DnsRecord | null, next: DnsRecord | null): 'changed' | 'stale' => {
      if (!isSame(this.records.get(name) ?? null, old)) return 'stale';
      if (next === null) this.records.delete(name);
      else this.records.set(name, next);
      this.onChange(name);
      return 'changed';
    };
    return {
      read: (_zoneId, name) => call('ListResourceRecordSets', () => this.records.get(name) ?? null),
      swap: (_zoneId, name, old, next) => call('ChangeResourceRecordSets', () => swap(name, old, next)),
      remove: (_zoneId, name, old) => call('ChangeResourceRecordSets', () => swap(name, old, null)),
    };
  }
}

function isSame(one: DnsRecord | null, other: DnsRecord | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.epoch === other.epoch &&
    one.owner === other.owner &&
    one.ttlS === other.ttlS &&
    one.addresses.join() === other.addresses.join()
  );
}
