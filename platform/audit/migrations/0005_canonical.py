"""The canonical bytes of events and row images, computed where the rows are: a check never trusts a stored copy."""

from django.db import migrations

FORWARD = """
create function audit_canonical(e audit_event) returns bytea language sql stable as $$
  select convert_to(
    '{"action":' || to_json(e.action)::text ||
    ',"actor_id":' || coalesce('"' || e.actor_id::text || '"', 'null') ||
    ',"actor_kind":' || to_json(e.actor_kind)::text ||
    ',"actor_organization_id":' || coalesce('"' || e.actor_organization_id::text || '"', 'null') ||
    ',"actor_process":' || to_json(e.actor_process)::text ||
    ',"at":' || (extract(epoch from e.at) * 1000000)::bigint::text ||
    ',"data":' || e.data::text ||
    ',"deployment_id":' || coalesce('"' || e.deployment_id::text || '"', 'null') ||
    ',"id":"' || e.id::text ||
    '","organization_id":"' || e.organization_id::text ||
    '","recorded_at":' || (extract(epoch from e.recorded_at) * 1000000)::bigint::text ||
    ',"subject_id":"' || e.subject_id::text ||
    '","subject_type":' || to_json(e.subject_type)::text ||
    ',"v":1,"xact":' || e.xact::text || '}', 'UTF8')
$$;

create function audit_canonical(i audit_rowimage) returns bytea language sql stable as $$
  select convert_to(
    '{"at":' || (extract(epoch from i.at) * 1000000)::bigint::text ||
    ',"id":"' || i.id::text ||
    '","image":' || i.image::text ||
    ',"operation":' || to_json(i.operation)::text ||
    ',"organization_id":"' || i.organization_id::text ||
    '","row_id":"' || i.row_id::text ||
    '","table":' || to_json(i."table")::text ||
    ',"v":1,"xact":' || i.xact::text || '}', 'UTF8')
$$;
"""

BACKWARD = "drop function audit_canonical(audit_event); drop function audit_canonical(audit_rowimage);"


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_sealing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
