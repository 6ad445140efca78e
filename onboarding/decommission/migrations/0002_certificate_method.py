"""A signer proves who they are with two components: both stand in the certificate."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('decommission', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='certificate',
            name='method',
            field=models.CharField(help_text='How the signer proved who they are, joined by +', max_length=60),
        ),
    ]
