/** Namespace of what the nodes measure themselves. Their role may write to this one alone. */
export const NODE_METRIC_NAMESPACE = 'Understudy/Nodes';

/**
 * What `metrics` sends carries a third dimension beside cluster and node: the agent puts a statsd type on every metric,
 * and an alarm has to name it, or it looks at a metric that nobody writes.
 */
export const STATSD_GAUGE = { metric_type: 'gauge' } as const;

/** Filled in on the node: the group's name is not known while the text is made. */
const LOG_GROUP = '@@LOG_GROUP@@';

/**
 * Configuration of the CloudWatch agent: two logs, memory and disks, and what `metrics` sends it about the switch.
 * Dimensions are cluster and node, never the instance id: a replaced instance goes on in the same graph.
 */
export function cloudWatchAgentConfiguration(cluster: string, node: string): string {
  const dimensions = { cluster, node };
  const log = (filePath: string, stream: string): object => ({
    file_path: filePath,
    log_group_name: LOG_GROUP,
    log_stream_name: `${node}/${stream}`,
    timezone: 'UTC',
  });
  const configuration = {
    agent: { metrics_collection_interval: 60, omit_hostname: true },
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            log('/var/log/freeswitch/freeswitch.log', 'freeswitch'),
            log('/var/log/understudy/units.log', 'units'),
          ],
        },
      },
      force_flush_interval: 5,
    },
    metrics: {
      namespace: NODE_METRIC_NAMESPACE,
      metrics_collected: {
        mem: { measurement: ['mem_used_percent'], append_dimensions: dimensions },
        disk: {
          measurement: ['used_percent'],
          resources: ['/'],
          drop_device: true,
          append_dimensions: dimensions,
        },
        netstat: { measurement: ['tcp_close_wait'], append_dimensions: dimensions },
        statsd: {
          service_address: '127.0.0.1:8125',
          metrics_collection_interval: 60,
          metrics_aggregation_interval: 60,
        },
      },
    },
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}
