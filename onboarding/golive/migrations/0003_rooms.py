"""Reviews with a chair and a frozen evidence pack; demands of a meeting's own; countersignatures. Earlier signatures keep their scheme."""

import django.db.models.deletion
import django.utils.timezone
import tenancy.fields
import tenancy.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('golive', '0002_gate_watch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='gatereview',
            name='chair',
            field=models.ForeignKey(db_index=False, null=True, help_text='Who leads the meeting: conditions, the pack, the call for the decision; whoever convened it, at first', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunSQL("update golive_gatereview set chair_id = convened_by_id", migrations.RunSQL.noop),
        # The trigger that checks the reference fires at the end; the table cannot be altered before it has.
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='gatereview',
            name='chair',
            field=models.ForeignKey(db_index=False, help_text='Who leads the meeting: conditions, the pack, the call for the decision; whoever convened it, at first', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gatereview',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, help_text='Rises with every change: pages ask for it'),
        ),
        migrations.AddField(
            model_name='signature',
            name='capacity',
            field=models.CharField(choices=[('decides', 'Approver'), ('chair', 'Chair'), ('panel', 'Panel')], default='decides', max_length=7),
        ),
        migrations.AddField(
            model_name='signature',
            name='scheme',
            field=models.PositiveSmallIntegerField(db_default=1, default=2, help_text='What its hash goes over: signatures are never made anew'),
        ),
        migrations.AlterField(
            model_name='condition',
            name='item',
            field=tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deployments.item'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='method',
            field=models.CharField(help_text='How the signer proved who they are, joined by +', max_length=60),
        ),
        migrations.AlterField(
            model_name='signature',
            name='sha256',
            field=models.CharField(help_text="Over everything else of the signature, the record's hash included", max_length=64),
        ),
        migrations.CreateModel(
            name='EvidencePack',
            fields=[
                ('id', models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(help_text='1, 2, … of this review')),
                ('frozen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('content', models.JSONField()),
                ('sha256', models.CharField(help_text="Of the content's canonical JSON, which is what is downloaded", max_length=64)),
                ('deployment', tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deployments.deployment')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('review', tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packs', to='golive.gatereview')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'review', 'number'), name='evidence_pack_number_once')],
            },
        ),
    ]
