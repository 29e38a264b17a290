"""Names of interface endpoints: MiniStack 1.5.33 lists none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html (DnsEntries)
https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html (the regional name comes first)
"""
from ministack.services import ec2

from .cloudformation_properties import after
from .patching import private

endpoints = private(ec2, '_vpc_endpoints')


def _name(endpoint_id: str, props: dict, attributes: dict) -> None:
    """`<hosted zone>:<id>.<service>.<domain>`. The domain is `localhost`: such a name is never asked of a resolver."""
    if props.get('VpcEndpointType') != 'Interface':
        return
    service = str(props.get('ServiceName', '')).rsplit('.', 1)[-1]
    endpoints[endpoint_id]['DnsEntries'] = [f'Z0LOCAL:{endpoint_id}.{service}.localhost']
    attributes['DnsEntries'] = endpoints[endpoint_id]['DnsEntries']


def install() -> None:
    after('AWS::EC2::VPCEndpoint', _name)
