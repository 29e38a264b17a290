"""Reserved concurrency of a function in a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
"""
from ministack.services import lambda_svc

from .cloudformation_properties import after
from .patching import private


def _reserve(function_name: str, props: dict, attributes: dict) -> None:
    reserved = props.get('ReservedConcurrentExecutions')
    private(lambda_svc, '_functions')[function_name]['concurrency'] = None if reserved is None else int(reserved)


def install() -> None:
    after('AWS::Lambda::Function', _reserve)
