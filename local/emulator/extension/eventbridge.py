"""A rule or schedule invokes its function asynchronously: throttled or failed, it is tried again.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""
import json

from ministack.services import eventbridge, lambda_svc

from .patching import private, replace


def _invoke_asynchronously(arn: str, payload: str) -> None:
    function, config, name = private(lambda_svc, '_get_func_record_for_ref')(arn)
    if not function or not config:
        lambda_svc.logger.warning('EventBridge: function %s not found', name)
        return
    record = private(lambda_svc, '_execution_record_for_config')(function, config)
    private(lambda_svc, 'invoke_async_with_retry')(record, json.loads(payload))


def install() -> None:
    replace(eventbridge, '_dispatch_to_lambda', lambda _: _invoke_asynchronously)
