"""The function behind every history trigger (tenancy.schema attaches it), and UUIDv7 in SQL for rows that SQL makes."""

from django.db import migrations

FORWARD = """
create function uuid7() returns uuid language sql volatile parallel safe as $$
  select encode(
    set_bit(set_bit(overlay(
      uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
      from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

create function audit_keep_rows() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into audit_rowimage (id, organization_id, "table", row_id, operation, image)
    select uuid7(), r.organization_id, tg_table_name, r.id, 'delete', to_jsonb(r) from old_rows r;
  else
    insert into audit_rowimage (id, organization_id, "table", row_id, operation, image)
    select uuid7(), r.organization_id, tg_table_name, r.id, lower(tg_op), to_jsonb(r) from new_rows r;
  end if;
  return null;
end
$$;
"""

BACKWARD = "drop function audit_keep_rows() cascade; drop function uuid7();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
