-- Categories of persons (人员类别) by dated rules: they begin and end on their days, whether or not anything is delivered.
create or replace view core.person_category as
    with today as materialized (select core.as_of() as day), rule as (
        select r.*, t.day from ref.category_rule r cross join today t
        where r.valid_from <= t.day and (r.valid_to is null or r.valid_to >= t.day)
          and r.known_from <= t.day and (r.known_until is null or r.known_until > t.day)
    ), held as (
        select p.master_id, r.category, r.band, r.rule_id, 'age' as evidence, null::text as evidence_value, null::text as detail,
            (select v.record_key from core.person_value v
             where v.master_id = p.master_id and v.field = 'birth_date' and v.is_winner) as record_key,
            greatest(core.years_after(p.birth_date, r.from_age), r.valid_from) as holds_from,
            least(core.years_after(p.birth_date, r.until_age) - 1, r.valid_to) as holds_to, p.life_state, p.death_date, r.day
        from rule r join core.person p on core.years_after(p.birth_date, r.from_age) <= r.day
            and (r.until_age is null or core.years_after(p.birth_date, r.until_age) > r.day)
        where r.evidence = 'age'
        union all
        select e.master_id, r.category, r.band, r.rule_id, e.evidence, e.evidence_value, e.detail, e.record_key,
            greatest(e.holds_from, r.valid_from), least(e.holds_to, r.valid_to), p.life_state, p.death_date, r.day
        from rule r join core.person_evidence e on e.evidence = r.evidence
            and (r.evidence_value is null or r.evidence_value = e.evidence_value)
        join core.person p on p.master_id = e.master_id
        where (e.holds_from is null or e.holds_from <= r.day) and (e.holds_to is null or e.holds_to >= r.day)
    )
    select h.master_id, h.category, h.band, h.rule_id, h.evidence, h.evidence_value, h.detail, h.record_key, h.holds_from,
        h.holds_to, h.day as as_of
    from held h
    where not (h.life_state = 'confirmed_dead' and coalesce(h.death_date, h.day) <= h.day);
comment on view core.person_category is
    'Categories of persons on the logical date of what is live, each with the rule and the fact it rests on';
comment on column core.person_category.master_id is 'File';
comment on column core.person_category.category is 'Category';
comment on column core.person_category.band is 'Band within the category';
comment on column core.person_category.rule_id is 'Rule of ref.category_rule';
comment on column core.person_category.evidence is 'age, or the fact it rests on';
comment on column core.person_category.evidence_value is 'Kind of that fact';
comment on column core.person_category.detail is 'Grade of a disability, city of a concession';
comment on column core.person_category.record_key is 'Record that says so; personal';
comment on column core.person_category.holds_from is 'First day of the category by this rule and fact';
comment on column core.person_category.holds_to is 'Last day, as far as it is known';
comment on column core.person_category.as_of is 'Logical date this is true for';

-- What category on day V, as known on day D? By the facts and the rules known on D.
create or replace function core.categories_on(master_id text, valid_on date, known_on date)
returns table (category text, band text, rule_id text, evidence text, evidence_value text, detail text, record_key text,
    holds_from date, holds_to date)
language sql stable strict parallel safe as $$
    with rule as (
        select r.* from ref.category_rule r
        where r.valid_from <= valid_on and (r.valid_to is null or r.valid_to >= valid_on)
          and r.known_from <= known_on and (r.known_until is null or r.known_until > known_on)
    ), file as materialized (select core.survivor_on(categories_on.master_id, known_on) as id), born as (
        select t.value::date as day, t.record_key from core.person_value t
        where t.master_id = (select id from file) and t.field = 'birth_date' and t.is_winner and t.since_date <= known_on
        union all
        select t.value::date, t.record_key from core.person_value_history t
        where t.master_id = (select id from file) and t.field = 'birth_date' and t.is_winner and t.since_date <= known_on
          and t.until_date > known_on
    ), life as (
        select l.life_state from core.life_on(categories_on.master_id, valid_on, known_on) l
    )
    select r.category, r.band, r.rule_id, 'age', null, null, b.record_key,
        greatest(core.years_after(b.day, r.from_age), r.valid_from), least(core.years_after(b.day, r.until_age) - 1, r.valid_to)
    from rule r join born b on core.years_after(b.day, r.from_age) <= valid_on
        and (r.until_age is null or core.years_after(b.day, r.until_age) > valid_on)
    where r.evidence = 'age' and (select life_state from life) <> 'confirmed_dead'
    union all
    select r.category, r.band, r.rule_id, e.evidence, e.evidence_value, e.detail, e.record_key,
        greatest(e.holds_from, r.valid_from), least(e.holds_to, r.valid_to)
    from core.evidence_on(categories_on.master_id, valid_on, known_on) e
    join rule r on r.evidence = e.evidence and (r.evidence_value is null or r.evidence_value = e.evidence_value)
    where (select life_state from life) <> 'confirmed_dead'
    order by 1, 2, 3, 7
$$;
comment on function core.categories_on(text, date, date) is
    'Categories of a person on day valid_on as known on day known_on, each with the rule and the fact it rests on; personal';

-- Whose category by age begins or ends after one day and up to another: work follows the birthdays, not the population.
create or replace function core.birthdays(after date, upto date)
returns table (master_id text, category text, band text, rule_id text, change text, day date)
language sql stable strict parallel safe as $$
    with bound as (
        select r.category, r.band, r.rule_id, r.valid_from, r.valid_to, e.age, e.change
        from ref.category_rule r
        cross join lateral (values (r.from_age, 'begins'), (r.until_age, 'ends')) e (age, change)
        where r.evidence = 'age' and e.age is not null and r.known_from <= upto and (r.known_until is null or r.known_until > upto)
    )
    select p.master_id, b.category, b.band, b.rule_id, b.change, core.years_after(p.birth_date, b.age)
    from bound b join core.person p
        on p.birth_date between (after - make_interval(years => b.age, days => 2))::date
                            and (upto - make_interval(years => b.age, days => -2))::date
    where core.years_after(p.birth_date, b.age) > after and core.years_after(p.birth_date, b.age) <= upto
      and core.years_after(p.birth_date, b.age) between b.valid_from and coalesce(b.valid_to, 'infinity')
      and p.life_state is distinct from 'confirmed_dead'
    order by 6, 1, 4
$$;
comment on function core.birthdays(date, date) is
    'Persons whose category by age begins or ends after one day and up to another, with that day; personal';
