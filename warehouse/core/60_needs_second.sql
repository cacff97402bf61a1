-- Why a verdict needs a second person: 'benefits', 'size', or null where one person is enough.
create or replace function core.needs_second(verdict text, master_ids text[]) returns text
language sql stable parallel safe as $$
    select case
        when verdict <> 'same' then null
        when core.touches_benefits(master_ids) then 'benefits'
        when (select count(*) from core.crosswalk c where c.master_id = any(master_ids))
             > (select r.value from ref.review_rule r where r.rule = 'four_eyes_records') then 'size'
    end
$$;
comment on function core.needs_second(text, text[]) is
    'Why joining these files needs a second person: benefits or size; null where one person is enough';
