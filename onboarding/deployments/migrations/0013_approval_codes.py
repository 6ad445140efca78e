import django.db.models.deletion
import django.utils.timezone
import tenancy.fields
import tenancy.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('deployments', '0012_go_lives_as_changes'),
        ('tenancy', '0003_site_county_and_broadband'),
    ]

    operations = [
        migrations.AddField(
            model_name='approvalpolicy',
            name='with_code',
            field=models.BooleanField(default=False, help_text='Only with a code that is mailed apart from the link'),
        ),
        migrations.AddConstraint(
            model_name='approvalpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('by_mail', True), ('with_code', False), _connector='OR'), name='approval_code_needs_link'),
        ),
        migrations.CreateModel(
            name='ApprovalCode',
            fields=[
                ('id', models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
                ('deployment', tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deployments.deployment')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('request', tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='deployments.approvalrequest')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'request', 'sent_at'], name='approval_codes')],
            },
        ),
    ]
