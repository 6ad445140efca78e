"""A line is written once, to a draft; a final statement stands still for everybody, and its total is its lines' sum."""

from django.db import migrations

FREEZE = """
create function statements_freeze() returns trigger language plpgsql as $$
declare
  lines numeric;
begin
  if tg_op = 'DELETE' then
    raise exception 'Statements stay.' using errcode = 'check_violation';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'A statement begins as a draft.' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state = 'finalized' and to_jsonb(new) <> to_jsonb(old) then
    raise exception 'This statement is final: correct it on the next one.' using errcode = 'check_violation';
  end if;
  if (new.id, new.organization_id, new.contract_id, new.period, new.opened_at)
     <> (old.id, old.organization_id, old.contract_id, old.period, old.opened_at) then
    raise exception 'A statement stays with its contract and month.' using errcode = 'check_violation';
  end if;
  if old.state <> new.state then
    if (old.state, new.state) not in (('draft', 'in_review'), ('in_review', 'draft'), ('in_review', 'finalized')) then
      raise exception 'A statement does not go from % to %.', old.state, new.state using errcode = 'check_violation';
    end if;
    if new.state = 'finalized' then
      select sum(amount) into lines from statements_line
       where organization_id = new.organization_id and statement_id = new.id;
      if new.total is distinct from lines or new.reviewed_by_id is distinct from old.reviewed_by_id then
        raise exception 'The lines make %, not %.', lines, new.total using errcode = 'check_violation';
      end if;
    end if;
  end if;
  return new;
end $$;

create function statements_freeze_line() returns trigger language plpgsql as $$
declare
  standing text;
begin
  if tg_op <> 'INSERT' then
    raise exception 'Lines stay as they were written.' using errcode = 'check_violation';
  end if;
  select state into standing from statements_statement
   where organization_id = new.organization_id and id = new.statement_id for share;
  if standing is distinct from 'draft' then
    raise exception 'A statement that is % takes no lines.', coalesce(standing, 'unknown') using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger frozen before insert or update or delete on statements_statement
  for each row execute function statements_freeze();
create trigger frozen before insert or update or delete on statements_line
  for each row execute function statements_freeze_line();
"""

THAW = """
drop trigger frozen on statements_statement;
drop trigger frozen on statements_line;
drop function statements_freeze();
drop function statements_freeze_line();
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
