"""Each call of a webhook is a line of its message's story."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0008_letters_come_back'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='messageevent',
            name='message_event_heard_once',
        ),
        migrations.AlterField(
            model_name='messageevent',
            name='source',
            field=models.CharField(help_text='"smtp", "push" and "receiver" for our own tries, else who brought the word', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='messageevent',
            constraint=models.UniqueConstraint(condition=models.Q(('source__in', ('smtp', 'push', 'receiver')), _negated=True), fields=('organization', 'message', 'resends', 'outcome'), name='message_event_heard_once'),
        ),
    ]
