"""When the gates of a deployment have to be looked at again because time passes; once for every deployment there is."""

import django.db.models.deletion
import tenancy.fields
import tenancy.ids
from django.db import migrations, models

LOOK_AT_ALL = """
insert into golive_gatewatch (id, organization_id, deployment_id, due_at)
select uuid7(), organization_id, id, now() from deployments_deployment where state <> 'discontinued'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('deployments', '0011_watch'),
        ('golive', '0001_initial'),
        ('tenancy', '0003_site_county_and_broadband'),
    ]

    operations = [
        migrations.CreateModel(
            name='GateWatch',
            fields=[
                ('id', models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField(null=True)),
                ('deployment', tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deployments.deployment')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['due_at'], name='queue_gate_watch')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'deployment'), name='gate_watch_once')],
            },
        ),
        migrations.RunSQL(LOOK_AT_ALL, migrations.RunSQL.noop),
    ]
