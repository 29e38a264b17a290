"""DynamoDB streams to functions: retries, bisection, age, a destination for what failed, and parallel batches.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html (ParallelizationFactor: batches of one
shard in parallel, in order for each item key)

MiniStack retries a poison batch once a second for ever, and one slow batch holds every table up.
"""
import copy
import json
import os
import threading
import time
import zlib

from ministack.core.responses import _request_account_id, _request_region
from ministack.services import dynamodb, lambda_svc

from .patching import private, replace

# AWS reads each shard four times a second ("base rate" in with-ddb.html); a laptop may be faster than that.
READ_INTERVAL_SECONDS = float(os.environ.get('STREAM_READ_INTERVAL_SECONDS', '0.02'))
DISABLED_INTERVAL_SECONDS = 0.2
# AWS backs off exponentially up to a minute; a laptop's tests cannot wait that long.
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.2, 5.0

_mappings = private(lambda_svc, '_esms')
_positions = private(lambda_svc, '_dynamodb_stream_positions')
_positions_lock = private(lambda_svc, '_dynamodb_stream_positions_lock')
_readers: dict[tuple, dict] = {}


class _Lane:
    """One of the mapping's parallel batches: records whose keys fall on it, in their order."""

    def __init__(self, scope: tuple, mapping: dict) -> None:
        self.scope, self.mapping = scope, mapping
        self.records: list[dict] = []
        self.wake = threading.Condition()
        threading.Thread(target=self._run, daemon=True, name=f"stream-{mapping['UUID'][:8]}").start()

    def put(self, records: list[dict]) -> None:
        with self.wake:
            self.records.extend(records)
            self.wake.notify()

    def _run(self) -> None:
        _request_account_id.set(self.scope[0])
        _request_region.set(self.scope[1])
        while _is_current(self.scope, self.mapping):
            with self.wake:
                if not self.records:
                    self.wake.wait(1)
                size = int(self.mapping.get('BatchSize', 100))
                batch, self.records = self.records[:size], self.records[size:]
            if batch:
                try:
                    _process(self.scope, self.mapping, batch)
                except Exception:
                    lambda_svc.logger.exception('stream lane')


def _is_current(scope: tuple, mapping: dict) -> bool:
    return _mappings._data.get(scope) is mapping


def _process(scope: tuple, mapping: dict, first: list[dict]) -> None:
    """Invoke until done, bisecting and retrying as the mapping says. Ends early when the mapping is deleted."""
    pending = [(first, 0)]
    while pending and _is_current(scope, mapping):
        batch, attempts = pending.pop(0)
        function, _ = lambda_svc._get_func_record_for_qualifier(mapping['FunctionName'], mapping.get('Qualifier'))
        if function is None:
            time.sleep(DISABLED_INTERVAL_SECONDS)
            pending.insert(0, (batch, attempts))
            continue
        result = lambda_svc._execute_function(function, {'Records': copy.deepcopy(batch)})
        if not result.get('error'):
            mapping['LastProcessingResult'] = f'OK - {len(batch)} records'
            continue
        mapping['LastProcessingResult'] = 'PROBLEM: Function call failed'
        if result.get('throttle') or result.get('throttled'):
            time.sleep(FIRST_RETRY_SECONDS)  # throttled is not tried
            pending.insert(0, (batch, attempts))
        elif mapping.get('BisectBatchOnFunctionError') and len(batch) > 1:
            half = len(batch) // 2  # splitting a batch does not count towards the retry quota
            pending[:0] = [(batch[:half], attempts), (batch[half:], attempts)]
        elif reason := _gives_up(mapping, batch, attempts):
            lambda_svc._send_ddb_stream_failure_record(
                mapping, function, batch, mapping['EventSourceArn'], result, reason)
        else:
            time.sleep(min(FIRST_RETRY_SECONDS * 2**attempts, LONGEST_RETRY_SECONDS))
            pending.insert(0, (batch, attempts + 1))


def _gives_up(mapping: dict, batch: list[dict], attempts: int) -> str | None:
    """Absent and -1 mean no limit; 0 retries is a limit."""
    retries = int(mapping.get('MaximumRetryAttempts') if mapping.get('MaximumRetryAttempts') is not None else -1)
    longest = int(mapping.get('MaximumRecordAgeInSeconds') or -1)
    age = time.time() - min(float(r['dynamodb'].get('ApproximateCreationDateTime', time.time())) for r in batch)
    if 0 <= retries <= attempts:
        return 'RetryAttemptsExhausted'
    return 'MaxRecordAgeExceeded' if 0 < longest < age else None


def _read(scope: tuple, mapping: dict) -> None:
    """One thread a mapping: takes new records off the stream, filters them, and hands them to the lanes by item key."""
    _request_account_id.set(scope[0])
    _request_region.set(scope[1])
    lanes = [_Lane(scope, mapping) for _ in range(int(mapping.get('ParallelizationFactor') or 1))]
    table_name = mapping['EventSourceArn'].split(':table/')[1].split('/')[0]
    while _is_current(scope, mapping):
        table = dynamodb._tables.get(table_name) or {}
        if not mapping.get('Enabled', True) or table.get('LatestStreamArn') != mapping['EventSourceArn']:
            time.sleep(DISABLED_INTERVAL_SECONDS)
            continue
        records = _take(mapping, table_name)
        if not records:
            time.sleep(READ_INTERVAL_SECONDS)
            continue
        by_lane: dict[int, list[dict]] = {}
        for record in lambda_svc._apply_filter_criteria(records, mapping) or []:
            keys = json.dumps(record['dynamodb'].get('Keys', {}), sort_keys=True, default=str)
            by_lane.setdefault(zlib.crc32(keys.encode()) % len(lanes), []).append(record)
        for lane, found in by_lane.items():
            lanes[lane].put(found)


def _take(mapping: dict, table_name: str) -> list[dict]:
    with _positions_lock:
        if mapping['UUID'] not in _positions:
            return []  # MiniStack sets it where the mapping is made
        position = max(_positions[mapping['UUID']], dynamodb.stream_start_position(table_name))
        records = dynamodb.stream_records_since(table_name, position, int(mapping.get('BatchSize', 100)))
        _positions[mapping['UUID']] = position + len(records)
    return records


def _start_readers() -> bool:
    """In the place of MiniStack's poll: a reader for each mapping that has none. False: the poller may sleep."""
    for scope, mapping in list(_mappings._data.items()):
        if ':dynamodb:' in mapping.get('EventSourceArn', '') and _readers.get(scope) is not mapping:
            _readers[scope] = mapping
            threading.Thread(target=_read, args=(scope, mapping), daemon=True, name='stream-reader').start()
    return False


def install() -> None:
    for name in ('_get_func_record_for_qualifier', '_execute_function', '_apply_filter_criteria',
                 '_send_ddb_stream_failure_record'):
        private(lambda_svc, name)
    for name in ('_tables', 'stream_start_position', 'stream_records_since'):
        private(dynamodb, name)
    replace(lambda_svc, '_poll_dynamodb_streams', lambda _: _start_readers)
