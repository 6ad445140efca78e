"""A seat says to which sites its person is limited; what memberships said until now is carried over."""

import django.contrib.postgres.fields
from django.db import migrations, models

CARRY = """
update accounts_seat s set sites = found.sites
  from (select organization_id, membership_id, array_agg(site_id order by site_id) as sites
          from accounts_membershipsite group by organization_id, membership_id) found
 where found.organization_id = s.organization_id and found.membership_id = s.membership_id
   and not s.roles && array['owner', 'administrator']::varchar[]
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_invitations_and_tokens")]

    operations = [
        migrations.AddField(
            model_name="seat",
            name="sites",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                default=list,
                help_text="The sites the person is limited to; empty: all",
                size=None,
            ),
        ),
        migrations.RunSQL(CARRY, migrations.RunSQL.noop),
    ]
