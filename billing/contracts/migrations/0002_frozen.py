"""An active contract's terms stand still for everybody, whatever code or SQL tries: only its end is still to come."""

from django.db import migrations

FREEZE = """
create function contracts_freeze() returns trigger language plpgsql as $$
declare
  percents numeric;
  amounts numeric;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'A contract begins as a draft.' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' then
    if old.state <> 'draft' then
      raise exception 'Contract % is %: it stays.', old.reference, old.state using errcode = 'check_violation';
    end if;
    return old;
  end if;
  if old.state <> 'draft' and (to_jsonb(new) - array['state', 'ended_on']) <> (to_jsonb(old) - array['state', 'ended_on']) then
    raise exception 'Contract % is %: its terms stand.', old.reference, old.state using errcode = 'check_violation';
  end if;
  if old.state = 'ended' and to_jsonb(new) <> to_jsonb(old) then
    raise exception 'Contract % has ended.', old.reference using errcode = 'check_violation';
  end if;
  if old.state <> new.state then
    if (old.state, new.state) not in (('draft', 'active'), ('active', 'ended')) then
      raise exception 'A contract does not go from % to %.', old.state, new.state using errcode = 'check_violation';
    end if;
    if new.state = 'active' then
      select sum(percent), sum(amount) into percents, amounts from contracts_milestone
       where organization_id = new.organization_id and contract_id = new.id;
      if percents is distinct from 100 or amounts is distinct from new.fee then
        raise exception 'The milestones of % make % %% and %, not 100 %% and %.', new.reference, percents, amounts, new.fee
          using errcode = 'check_violation';
      end if;
    end if;
  end if;
  return new;
end $$;

create function contracts_freeze_terms() returns trigger language plpgsql as $$
declare
  standing text;
begin
  if tg_op = 'UPDATE' and (new.contract_id, new.organization_id) <> (old.contract_id, old.organization_id) then
    raise exception 'Terms do not move from one contract to another.' using errcode = 'check_violation';
  end if;
  select state into standing from contracts_contract
   where organization_id = coalesce(new.organization_id, old.organization_id)
     and id = coalesce(new.contract_id, old.contract_id) for share;
  if standing is distinct from 'draft' then
    raise exception 'The terms of a contract that is % stand.', coalesce(standing, 'unknown') using errcode = 'check_violation';
  end if;
  return coalesce(new, old);
end $$;

create trigger frozen before insert or update or delete on contracts_contract
  for each row execute function contracts_freeze();
create trigger frozen before insert or update or delete on contracts_milestone
  for each row execute function contracts_freeze_terms();
create trigger frozen before insert or update or delete on contracts_coverage
  for each row execute function contracts_freeze_terms();
"""

THAW = """
drop trigger frozen on contracts_contract;
drop trigger frozen on contracts_milestone;
drop trigger frozen on contracts_coverage;
drop function contracts_freeze();
drop function contracts_freeze_terms();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
