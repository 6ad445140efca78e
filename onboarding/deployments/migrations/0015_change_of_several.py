"""A bulk change over several deployments names them, so that who does not reach all of them neither sees nor undoes it."""

import django.contrib.postgres.fields
from django.db import migrations, models

FILL = """
update deployments_change c set deployment_ids = found.ids
  from (select c.id, array_agg(distinct coalesce(t.deployment_id, (r ->> 'id')::uuid)) as ids
          from deployments_change c
         cross join lateral jsonb_array_elements(c.rows) r
          left join deployments_teamrole t on c.kind = 'deployments' and t.id = (r ->> 'id')::uuid
         where c.kind in ('deployments', 'go_lives')
         group by c.id) found
 where found.id = c.id
"""


class Migration(migrations.Migration):
    dependencies = [("deployments", "0014_portfolio_counts")]

    operations = [
        migrations.AddField(
            model_name="change",
            name="deployment_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                default=list,
                help_text="All that it reached, where it is not one",
                size=None,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
