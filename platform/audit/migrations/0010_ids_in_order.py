"""UUIDv7 in SQL by the microsecond: two images of one row in the same millisecond are read in the order of the changes."""

from django.db import migrations

FORWARD = """
create or replace function uuid7() returns uuid language sql volatile parallel safe as $$
  select (
    overlay(lpad(to_hex((extract(epoch from clock_timestamp()) * 4096000)::bigint), 15, '0') placing '7' from 13 for 0)
    || encode(substring(uuid_send(gen_random_uuid()) from 9), 'hex'))::uuid
$$;
"""

BACKWARD = """
create or replace function uuid7() returns uuid language sql volatile parallel safe as $$
  select encode(
    set_bit(set_bit(overlay(
      uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
      from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0009_months")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
