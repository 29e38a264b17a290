"""A zone with VPCs is private.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-hostedzone.html
"""
from ministack.services import route53

from .cloudformation_properties import after
from .patching import private


def _mark_private(zone_id: str, props: dict, attributes: dict) -> None:
    private(route53, '_zones')[zone_id].update(private=bool(props.get('VPCs')), vpcs=list(props.get('VPCs') or []))


def install() -> None:
    after('AWS::Route53::HostedZone', _mark_private)
