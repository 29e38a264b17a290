/**
 * Metrics as CloudWatch's embedded metric format in the log, through Powertools: no call, nothing to fail. One line a
 * measurement, written at once: a function that is frozen or killed takes no measurement along.
 */
import { Metrics as Powertools, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../domain/ports';

export const METRICS_NAMESPACE = 'Understudy';

export class PowertoolsMetrics implements Metrics {
  private readonly powertools: Powertools;

  constructor(private readonly cluster: string) {
    this.powertools = new Powertools({ namespace: METRICS_NAMESPACE });
    // Powertools adds `service` to every metric; an alarm names its dimensions exactly, and ours name `cluster`.
    this.powertools.clearDefaultDimensions();
  }

  count(name: string, value: number, dimensions: Record<string, string> = {}): void {
    this.write(name, MetricUnit.Count, value, dimensions);
  }

  durationMs(name: string, value: number, dimensions: Record<string, string> = {}): void {
    this.write(name, MetricUnit.Milliseconds, value, dimensions);
  }

  /** For the end of an invocation: writes what a measurement that failed half-way has left behind. */
  flush(): void {
    if (this.powertools.hasStoredMetrics()) this.powertools.publishStoredMetrics();
  }

  /** Each metric counts for the cluster (what alarms look at), and once more under its finer dimensions. */
  private write(name: string, unit: 'Count' | 'Milliseconds', value: number, dimensions: Record<string, string>): void {
    this.powertools.addDimensions({ cluster: this.cluster });
    if (Object.keys(dimensions).length > 0) {
      this.powertools.addDimensions({ cluster: this.cluster, ...dimensions });
    }
    this.powertools.addMetric(name, unit, value);
    this.powertools.publishStoredMetrics();
  }
}
