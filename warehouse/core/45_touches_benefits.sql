-- Whether any of these files holds a record that decides over money a person receives.
create or replace function core.touches_benefits(master_ids text[]) returns boolean
language sql stable parallel safe as $$
    select exists (
        select from core.crosswalk c join ref.benefit_feed b on b.feed = split_part(c.record_key, ':', 1)
        where c.master_id = any(master_ids)
    )
$$;
comment on function core.touches_benefits(text[]) is
    'Whether any of these files holds a record of a feed in ref.benefit_feed';
