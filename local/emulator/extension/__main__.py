"""Patch MiniStack, then start it. The order matters only where a module says so."""
from . import patching

patching.require_version('1.5.33')

from . import (  # noqa: E402  (nothing of MiniStack may load before its version is checked)
    cloudformation_ec2,
    cloudformation_records,
    cloudwatch_alarms,
    cloudwatch_metrics,
    dynamodb,
    ec2_addresses,
    ec2_endpoints,
    ec2_instances,
    ec2_network_interface_actions,
    ec2_requests,
    eventbridge,
    iam_conditions,
    lambda_functions,
    lambda_streams,
    rds,
    route53,
    secretsmanager,
)

for module in (
    ec2_network_interface_actions,
    ec2_addresses,
    ec2_instances,
    ec2_endpoints,
    cloudformation_ec2,
    cloudformation_records,
    dynamodb,
    secretsmanager,
    rds,
    route53,
    lambda_functions,
    lambda_streams,
    eventbridge,
    cloudwatch_metrics,
    cloudwatch_alarms,
    iam_conditions,
    ec2_requests,  # last of EC2: it wraps every action, also those added above
):
    module.install()

from ministack.app import main  # noqa: E402

main()
