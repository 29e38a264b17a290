"""Metric alarms are evaluated each second: dimensions, missing data, M out of N, metric math.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (+ - * / and a few functions)

AWS evaluates once a period and waits for late data; here a period that has begun counts at once.
"""
import ast
import operator
import threading
import time

from ministack.core.responses import _request_account_id, _request_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from .ec2_common import is_true
from .patching import private, replace

EVALUATION_INTERVAL_SECONDS = 1

_COMPARE = {
    'GreaterThanOrEqualToThreshold': operator.ge,
    'GreaterThanThreshold': operator.gt,
    'LessThanThreshold': operator.lt,
    'LessThanOrEqualToThreshold': operator.le,
}
_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_RELATION = {ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
             ast.Eq: operator.eq, ast.NotEq: operator.ne}


class _Missing(Exception):
    """A metric of the expression has no data, so the expression has none."""


def calculate(expression: str, values: dict[str, float | None]) -> float | None:
    """Metric math over single numbers: + - * /, comparisons, FILL, IF, MAX, MIN, SUM, ABS."""
    try:
        return _node(ast.parse(expression, mode='eval').body, values)
    except (_Missing, ZeroDivisionError):
        return None


def _node(node: ast.AST, values: dict[str, float | None]) -> float:
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_node(node.operand, values)
    if isinstance(node, ast.Name):
        value = values.get(node.id)
        if value is None:
            raise _Missing(node.id)
        return value
    if isinstance(node, ast.BinOp):
        return _ARITHMETIC[type(node.op)](_node(node.left, values), _node(node.right, values))
    if isinstance(node, ast.Compare):
        return float(_RELATION[type(node.ops[0])](_node(node.left, values), _node(node.comparators[0], values)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _function(node.func.id, node.args, values)
    raise ValueError(f'metric math that this emulator does not know: {ast.dump(node)}')


def _function(name: str, arguments: list[ast.AST], values: dict[str, float | None]) -> float:
    if name == 'FILL':
        try:
            return _node(arguments[0], values)
        except _Missing:
            return _node(arguments[1], values)
    if name == 'IF':
        return _node(arguments[1] if _node(arguments[0], values) else arguments[2], values)
    items = arguments[0].elts if isinstance(arguments[0], ast.List) else arguments
    return {'MAX': max, 'MIN': min, 'SUM': sum, 'ABS': lambda n: abs(n[0])}[name]([_node(a, values) for a in items])


def _statistic(namespace, name, dimensions, statistic, after: float, until: float) -> float | None:
    key = (namespace, name, cloudwatch._dims_key(cloudwatch._dims_from_list(dimensions or [])))
    points = [p for p in cloudwatch._metrics.get(key) or [] if after < p['Timestamp'] <= until]
    return cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None


def _value(alarm: dict, after: float, until: float) -> float | None:
    queries = alarm.get('Metrics')
    if not queries:
        statistic = alarm.get('ExtendedStatistic') or alarm.get('Statistic') or 'Average'
        return _statistic(alarm['Namespace'], alarm['MetricName'], alarm.get('Dimensions'), statistic, after, until)
    values = {}
    for query in queries:
        if stat := query.get('MetricStat'):
            metric = stat['Metric']
            values[query['Id']] = _statistic(metric['Namespace'], metric['MetricName'], metric.get('Dimensions'),
                                             stat['Stat'], after, until)
    for query in queries:  # an expression may use those before it
        if query.get('Expression'):
            values[query['Id']] = calculate(query['Expression'], values)
    returned = next(q for q in queries if is_true(q.get('ReturnData', True)))
    return values[returned['Id']]


def _period(alarm: dict) -> int:
    of_query = next((q['MetricStat']['Period'] for q in alarm.get('Metrics') or [] if q.get('MetricStat')), None)
    return int(of_query or alarm.get('Period') or 60)


def state_of(alarm: dict, values: list[float | None]) -> tuple[str, int]:
    """(state, number of breaching points) out of the last N values, newest first."""
    missing = alarm.get('TreatMissingData') or 'missing'
    exceeds = _COMPARE[alarm['ComparisonOperator']]
    breaching = sum(missing == 'breaching' if v is None else exceeds(v, float(alarm['Threshold'])) for v in values)
    if breaching >= int(alarm.get('DatapointsToAlarm') or len(values)):
        return 'ALARM', breaching
    if all(v is None for v in values):
        return {'missing': 'INSUFFICIENT_DATA', 'ignore': alarm['StateValue']}.get(missing, 'OK'), breaching
    return 'OK', breaching


def _evaluate(alarm: dict) -> None:
    now, period, count = time.time(), _period(alarm), int(alarm.get('EvaluationPeriods') or 1)
    values = [_value(alarm, now - period * (i + 1), now - period * i) for i in range(count)]
    state, breaching = state_of(alarm, values)
    before = alarm['StateValue']
    if state == before:
        return
    reason = f"Threshold Crossed: {breaching} of {count} datapoints breach {alarm['Threshold']} (latest {values[0]})"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm['AlarmName'], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _evaluate_for_ever() -> None:
    while True:
        time.sleep(EVALUATION_INTERVAL_SECONDS)
        for scope, alarm in list(cloudwatch._alarms._data.items()):
            try:
                _request_account_id.set(scope[0])
                _request_region.set(scope[1])
                _evaluate(alarm)
            except Exception:
                cloudwatch.logger.exception('alarm %s', alarm.get('AlarmName'))


def _with_metric_math(base):
    """The template handler refuses `Metrics`: keep the queries on the record that it makes for a plain alarm."""
    def record(name, props):
        if not props.get('Metrics'):
            return base(name, props)
        plain = {k: v for k, v in props.items() if k != 'Metrics'}
        return {**base(name, {**plain, 'MetricName': '-', 'Namespace': '-'}), 'Metrics': props['Metrics']}

    return record


def install() -> None:
    for name in ('_metrics', '_alarms', '_dims_key', '_dims_from_list', '_stat_value', '_calc_stats', '_record_history',
                 '_dispatch_alarm_actions', '_evaluate_parent_alarms'):
        private(cloudwatch, name)
    replace(provisioners, '_cw_metric_alarm_record', _with_metric_math)
    for name in ('_evaluate_alarm', '_evaluate_all_alarms'):
        replace(cloudwatch, name, lambda _: lambda *_: None)  # ours runs each second instead
    threading.Thread(target=_evaluate_for_ever, daemon=True, name='alarms').start()
