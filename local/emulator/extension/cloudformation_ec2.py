"""CloudFormation types of EC2 that MiniStack 1.5.33 refuses, or whose attributes it lacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkinterface.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html
"""
import time

from ministack.services import ec2
from ministack.services.cloudformation import provisioners, stacks

from . import ec2_addresses, ec2_instances, ec2_network_interfaces
from .ec2_common import (
    actions, addresses, identifier, instances, interfaces_of, is_true, network_interfaces, security_groups,
)
from .patching import add_entry, private, replace, replace_entry

handlers = private(provisioners, '_RESOURCE_HANDLERS')
apply_tags = private(provisioners, '_ec2_apply_tags')

# Deleting waits for `terminated`, as CloudFormation does; interfaces and subnets can go only then.
TERMINATION_DEADLINE_SECONDS = 60
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html: "Replacement".
INSTANCE_REPLACED_BY = ('ImageId', 'SubnetId', 'NetworkInterfaces', 'PrivateIpAddress', 'KeyName', 'AvailabilityZone')


# ---- AWS::EC2::Instance ---------------------------------------------------------------------------------------------


def _instance_attributes(instance: dict) -> dict:
    return {
        'InstanceId': instance['InstanceId'], 'PrivateIp': instance['PrivateIpAddress'],
        'PublicIp': ec2_instances.public_address(instance), 'PrivateDnsName': instance['PrivateDnsName'],
        'PublicDnsName': instance['PublicDnsName'], 'AvailabilityZone': instance['Placement']['AvailabilityZone'],
        'VpcId': instance['VpcId'],
    }


def _with_launch_template(props: dict) -> dict:
    """The launch template's data, overridden by the properties of the instance."""
    reference = props.get('LaunchTemplate') or {}
    template = next((t for t in list(private(ec2, '_launch_templates').values())
                     if reference and (t['LaunchTemplateId'] == reference.get('LaunchTemplateId')
                                       or t['LaunchTemplateName'] == reference.get('LaunchTemplateName'))), None)
    data = template['Versions'][-1]['LaunchTemplateData'] if template else {}
    return {**data, **{k: v for k, v in props.items() if v not in (None, '')}}


def _profile(name_or_spec):
    name = name_or_spec if isinstance(name_or_spec, str) else (
        (name_or_spec or {}).get('Name') or str((name_or_spec or {}).get('Arn', '')).split('/')[-1])
    return private(ec2, '_resolve_iam_instance_profile')(iam_name=name, allow_missing=True)[0] if name else None


def _instance_create(logical_id, props, stack_name):
    merged = _with_launch_template(props)
    subnet = merged.get('SubnetId') or private(ec2, '_DEFAULT_SUBNET_ID')
    groups = merged.get('SecurityGroupIds') or merged.get('SecurityGroups') or []
    only_one = {'DeviceIndex': '0', 'PrivateIpAddress': merged.get('PrivateIpAddress')}
    specs = merged.get('NetworkInterfaces') or [only_one]
    interfaces = [ec2_instances.interface_for(s, subnet, groups) for s in specs]
    instance = ec2_instances.launch(
        interfaces, image_id=merged.get('ImageId', 'ami-0'),
        instance_type=merged.get('InstanceType', 't3.micro'), key_name=merged.get('KeyName', ''),
        user_data=merged.get('UserData', ''), iam_profile=_profile(merged.get('IamInstanceProfile')))
    apply_tags(instance['InstanceId'], props)
    return instance['InstanceId'], _instance_attributes(instance)


def _instance_update(physical_id, old, new, stack_name):
    instance = instances.get(physical_id)
    if instance is None or any(old.get(k) != new.get(k) for k in INSTANCE_REPLACED_BY):
        return _instance_create(physical_id, new, stack_name)  # CloudFormation deletes the old one afterwards
    instance['InstanceType'] = new.get('InstanceType', instance['InstanceType'])
    instance['UserData'] = new.get('UserData', '')
    if new.get('SecurityGroupIds') and new['SecurityGroupIds'] != old.get('SecurityGroupIds'):
        ec2_network_interfaces.set_attributes(interfaces_of(physical_id)[0], new['SecurityGroupIds'], '')
    apply_tags(physical_id, new, old)
    return physical_id, _instance_attributes(instance)


def _instance_delete(physical_id, props):
    if physical_id not in instances:
        return
    actions['TerminateInstances']({'Action': 'TerminateInstances', 'InstanceId.1': physical_id})
    deadline = time.monotonic() + TERMINATION_DEADLINE_SECONDS
    while (instances.get(physical_id) or {'State': {'Name': 'terminated'}})['State']['Name'] != 'terminated':
        if time.monotonic() > deadline:
            raise ValueError(f'{physical_id} was not terminated in {TERMINATION_DEADLINE_SECONDS} s')
        time.sleep(0.05)


# ---- AWS::EC2::NetworkInterface -------------------------------------------------------------------------------------


def _wanted_addresses(props: dict) -> tuple[str | None, list[str], int]:
    """(primary, named secondary, count of further secondary addresses)."""
    named = props.get('PrivateIpAddresses') or []
    primary = next((a['PrivateIpAddress'] for a in named if is_true(a.get('Primary'))), None)
    secondary = [a['PrivateIpAddress'] for a in named if not is_true(a.get('Primary'))]
    return props.get('PrivateIpAddress') or primary, secondary, int(props.get('SecondaryPrivateIpAddressCount') or 0)


def _interface_attributes(interface: dict) -> dict:
    return {
        'Id': interface['NetworkInterfaceId'], 'PrimaryPrivateIpAddress': interface['PrivateIpAddress'],
        'SecondaryPrivateIpAddresses': list(interface['SecondaryPrivateIpAddresses']), 'VpcId': interface['VpcId'],
    }


def _interface_create(logical_id, props, stack_name):
    primary, secondary, count = _wanted_addresses(props)
    interface = ec2_network_interfaces.create(
        props['SubnetId'], props.get('GroupSet') or [], primary=primary, secondary=secondary, secondary_count=count,
        description=props.get('Description', ''), source_dest_check=is_true(props.get('SourceDestCheck', True)))
    apply_tags(interface['NetworkInterfaceId'], props)
    return interface['NetworkInterfaceId'], _interface_attributes(interface)


def _interface_update(physical_id, old, new, stack_name):
    interface = network_interfaces.get(physical_id)
    primary = _wanted_addresses(new)[0]
    if interface is None or old.get('SubnetId') != new.get('SubnetId') or primary != _wanted_addresses(old)[0]:
        return _interface_create(physical_id, new, stack_name)
    _reconcile_secondary(interface, new)
    if new.get('GroupSet'):
        ec2_network_interfaces.set_attributes(interface, new['GroupSet'], str(new.get('SourceDestCheck', '')))
    interface['Description'] = new.get('Description', '')
    apply_tags(physical_id, new, old)
    return physical_id, _interface_attributes(interface)


def _reconcile_secondary(interface: dict, props: dict) -> None:
    """In place: named addresses are kept or added, others up to the count; the last ones go when there are more."""
    _, named, count = _wanted_addresses(props)
    present = interface['SecondaryPrivateIpAddresses']
    ec2_network_interfaces.assign(interface, [a for a in named if a not in present])
    unnamed = [a for a in present if a not in named]
    ec2_network_interfaces.unassign(interface, unnamed[count:])
    ec2_network_interfaces.assign(interface, [], max(0, count - len(unnamed)))


def _interface_delete(physical_id, props):
    if physical_id in network_interfaces:
        ec2_network_interfaces.delete_interface(physical_id)


# ---- AWS::EC2::EIP and AWS::EC2::EIPAssociation ---------------------------------------------------------------------


def _address_by_ip(public_ip: str) -> dict | None:
    return next((a for a in list(addresses.values()) if a['PublicIp'] == public_ip), None)


def _address_attributes(address: dict) -> dict:
    return {'AllocationId': address['AllocationId'], 'PublicIp': address['PublicIp']}


def _eip_create(logical_id, props, stack_name):
    address = ec2_addresses.allocate(props.get('Domain', 'vpc'))
    apply_tags(address['AllocationId'], props)
    if props.get('InstanceId'):
        _put(address, {'InstanceId': props['InstanceId']})
    return address['PublicIp'], _address_attributes(address)


def _eip_update(physical_id, old, new, stack_name):
    address = _address_by_ip(physical_id)
    if address is None:
        return _eip_create(physical_id, new, stack_name)
    apply_tags(address['AllocationId'], new, old)
    return physical_id, _address_attributes(address)


def _eip_delete(physical_id, props):
    """CloudFormation's handler disassociates before it releases."""
    address = _address_by_ip(physical_id)
    if address:
        ec2_addresses.disassociate(address)
        del addresses[address['AllocationId']]
        private(ec2, '_tags').pop(address['AllocationId'], None)


def _put(address: dict, props: dict) -> str:
    interface = network_interfaces.get(props.get('NetworkInterfaceId') or '') or interfaces_of(props['InstanceId'])[0]
    return ec2_addresses.associate(address, interface, props.get('PrivateIpAddress') or interface['PrivateIpAddress'])


def _association_create(logical_id, props, stack_name):
    association = _put(addresses.get(props.get('AllocationId')) or _address_by_ip(props.get('EIP')), props)
    return association, {'Id': association}


def _association_delete(physical_id, props):
    for address in list(addresses.values()):
        if address['AssociationId'] == physical_id:
            ec2_addresses.disassociate(address)


# ---- AWS::EC2::SecurityGroupIngress and ...Egress -------------------------------------------------------------------


def _rule_handlers(key: str) -> dict:
    permissions = private(provisioners, '_ec2_sg_permissions')

    def create(logical_id, props, stack_name):
        if props['GroupId'] not in security_groups:
            raise ValueError(f"The security group '{props['GroupId']}' does not exist")
        security_groups[props['GroupId']][key].extend(permissions([props]))
        rule = identifier('sgr')
        return rule, {'Id': rule}

    def delete(physical_id, props):
        group = security_groups.get(props.get('GroupId'))
        rule = permissions([props])[0]
        if group and rule in group[key]:
            group[key].remove(rule)

    def update(physical_id, old, new, stack_name):
        delete(physical_id, old)
        return create(physical_id, new, stack_name)

    return {'create': create, 'update': update, 'delete': delete}


# ---- AWS::EC2::VPC: attributes that interface endpoints of the CDK ask for ------------------------------------------


def _with_cidr(base: dict) -> dict:
    def attributes(result, props):
        physical_id, found = result
        return physical_id, {**found, 'CidrBlock': props.get('CidrBlock', ''), 'CidrBlockAssociations': [],
                             'Ipv6CidrBlocks': []}

    return {
        **base,
        'create': lambda lid, props, *rest: attributes(base['create'](lid, props, *rest), props),
        'update': lambda pid, old, new, *rest: attributes(base['update'](pid, old, new, *rest), new),
    }


def install() -> None:
    table = 'provisioners._RESOURCE_HANDLERS'
    for resource_type, create, update, delete in (
        ('AWS::EC2::Instance', _instance_create, _instance_update, _instance_delete),
        ('AWS::EC2::NetworkInterface', _interface_create, _interface_update, _interface_delete),
        ('AWS::EC2::EIP', _eip_create, _eip_update, _eip_delete),
    ):
        add_entry(handlers, resource_type, {'create': create, 'update': update, 'delete': delete}, table)
    association = {'create': _association_create, 'delete': _association_delete}
    add_entry(handlers, 'AWS::EC2::EIPAssociation', association, table)
    add_entry(handlers, 'AWS::EC2::SecurityGroupIngress', _rule_handlers('IpPermissions'), table)
    add_entry(handlers, 'AWS::EC2::SecurityGroupEgress', _rule_handlers('IpPermissionsEgress'), table)
    replace_entry(handlers, 'AWS::EC2::VPC', _with_cidr, table)
    for resource_type in ('AWS::EC2::Instance', 'AWS::EC2::NetworkInterface', 'AWS::EC2::EIP'):
        add_entry(private(provisioners, '_STACK_TAG_PROPERTY'), resource_type, ('Tags', 'list'),
                  'provisioners._STACK_TAG_PROPERTY')
    # Deleting an instance waits, so it may not run on the event loop.
    replace(stacks, '_runs_on_worker_thread', lambda base: lambda t: t == 'AWS::EC2::Instance' or base(t))
