"""Give every program the number that its log has reached."""

from django.db import migrations

NUMBERS = """
update deployments_program p
   set log_number = (select coalesce(max(e.number), 0) from logbook_logentry e
                      where e.organization_id = p.organization_id and e.program_id = p.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("logbook", "0001_log_and_routines"),
        ("deployments", "0016_program_log_number"),
    ]

    operations = [migrations.RunSQL(NUMBERS, migrations.RunSQL.noop)]
