"""Log lines become metrics: the embedded metric format, and metric filters.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""
import json
import re

from ministack.services import cloudwatch, cloudwatch_logs

from .patching import private, replace

_JSON_PATTERN = re.compile(r'\s*\{\s*\$\.([\w.]+)\s*(=|!=|>=|<=|>|<)\s*"?([^"}]*?)"?\s*\}\s*')
_COMPARE = {
    '=': lambda a, b: a == b, '!=': lambda a, b: a != b, '>': lambda a, b: a > b,
    '<': lambda a, b: a < b, '>=': lambda a, b: a >= b, '<=': lambda a, b: a <= b,
}


def record_embedded(document: dict) -> None:
    for directive in document['_aws']['CloudWatchMetrics']:
        for dimension_set in directive.get('Dimensions') or [[]]:
            dimensions = {k: str(document[k]) for k in dimension_set if k in document}
            for metric in directive['Metrics']:
                values = document.get(metric['Name'])
                for value in values if isinstance(values, list) else [values]:
                    if isinstance(value, (int, float)):
                        cloudwatch.record_metric(directive['Namespace'], metric['Name'], value,
                                                 metric.get('Unit', 'None'), dimensions)


def matches(pattern: str, line: str, document: object) -> bool:
    """One JSON comparison `{ $.a.b = "c" }`, or words that the line must hold. No more of the syntax is modelled."""
    comparison = _JSON_PATTERN.fullmatch(pattern or '')
    if not comparison:
        return all(term.strip('"') in line for term in (pattern or '').split())
    value = document
    for key in comparison[1].split('.'):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return False
    try:
        left, right = float(value), float(comparison[3])
    except (TypeError, ValueError):
        left, right = str(value), comparison[3]
    return _COMPARE[comparison[2]](left, right)


def _apply_filters(group: str, line: str, document: object) -> None:
    for (name, _), found in list(private(cloudwatch_logs, '_metric_filters').items()):
        if name == group and matches(found['filterPattern'], line, document):
            for transformation in found['metricTransformations']:
                value = str(transformation['metricValue'])
                if value.startswith('$.') and isinstance(document, dict):
                    value = document[value[2:]]
                cloudwatch.record_metric(transformation['metricNamespace'], transformation['metricName'], float(value))


def _with_metrics(base):
    """This MiniStack function sees every log line, those of functions and those of PutLogEvents."""
    def fan_out(group, stream, events):
        for event in events:
            line = event['message']
            try:
                document = json.loads(line)
            except ValueError:
                document = None
            try:
                if isinstance(document, dict) and '_aws' in document:
                    record_embedded(document)
                _apply_filters(group, line, document)
            except Exception:
                cloudwatch.logger.exception('metrics from a log line')
        return base(group, stream, events)

    return fan_out


def install() -> None:
    private(cloudwatch, 'record_metric')
    replace(cloudwatch_logs, '_fanout_to_subscription_filters', _with_metrics)
