"""A real PostgreSQL behind AWS::RDS::DBInstance: MiniStack deploys the type as a record with nothing behind it.

UNDERSTUDY_POSTGRES_ENDPOINT (`host:port`) is what Endpoint.Address and Endpoint.Port say of every instance, and
UNDERSTUDY_POSTGRES_ADMIN (`user:password`) is what the secret holds that RDS makes for ManageMasterUserPassword.
Without them an instance has the name that RDS would give it, where nobody answers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html (Fn::GetAtt)
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html (`{"username","password"}`, gone with
the instance)
"""
import json
import os
import secrets as randomness

from ministack.core.responses import new_uuid
from ministack.services import rds, secretsmanager
from ministack.services.cloudformation import provisioners

from .ec2_common import is_true
from .patching import private, replace, replace_entry

ENDPOINT = os.environ.get('UNDERSTUDY_POSTGRES_ENDPOINT', '')
ADMIN = os.environ.get('UNDERSTUDY_POSTGRES_ADMIN', '')


def _move_to_the_real_one(instance: dict) -> None:
    if not ENDPOINT:
        return
    address, _, port = ENDPOINT.rpartition(':')
    instance['Endpoint'].update({'Address': address, 'Port': int(port)})


def _make_master_secret(instance: dict, username: str) -> None:
    user, _, password = (ADMIN or f'{username}:{randomness.token_hex(16)}').partition(':')
    name = f'rds!{instance["DbiResourceId"].lower()}-{new_uuid()}'
    arn, _ = private(secretsmanager, '_store_new_secret')(
        name, secret_string=json.dumps({'username': user, 'password': password}),
        description='The secret associated with the primary RDS DB instance')
    instance['MasterUserSecret'] = {'SecretArn': arn, 'SecretStatus': 'active', '_name': name}


def _with_secret(base):
    """Fn::GetAtt MasterUserSecret.SecretArn."""
    def attributes(instance):
        secret = instance.get('MasterUserSecret')
        return {**base(instance), **({'MasterUserSecret.SecretArn': secret['SecretArn']} if secret else {})}

    return attributes


def _backed(base: dict) -> dict:
    attributes_of = private(provisioners, '_rds_db_instance_attrs')
    instances = private(rds, '_instances')

    def create(logical_id, props, stack_name):
        physical_id, _ = base['create'](logical_id, props, stack_name)
        instance = instances[physical_id]
        _move_to_the_real_one(instance)
        if is_true(props.get('ManageMasterUserPassword')):
            _make_master_secret(instance, props['MasterUsername'])
        return physical_id, attributes_of(instance)

    def delete(physical_id, props):
        secret = (instances.get(physical_id) or {}).get('MasterUserSecret')
        base['delete'](physical_id, props)
        if secret:
            private(secretsmanager, '_secrets').pop(secret['_name'], None)

    return {**base, 'create': create, 'delete': delete}


def install() -> None:
    replace(provisioners, '_rds_db_instance_attrs', _with_secret)
    replace_entry(private(provisioners, '_RESOURCE_HANDLERS'), 'AWS::RDS::DBInstance', _backed,
                  'provisioners._RESOURCE_HANDLERS')
