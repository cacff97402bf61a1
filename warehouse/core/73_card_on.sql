-- What did we believe on day D about a card on day V? The latest state known by D that held on V.
create or replace function core.card_on(card_number text, issue_area_code text, valid_on date, known_on date)
returns table (record_key text, master_id text, card_status text, card_valid_to date, valid_from date, known_from date)
language sql stable strict parallel safe as $$
    with said as (
        select t.record_key, t.master_id, t.card_status, t.card_valid_to, t.card_issue_date, t.valid_from, t.since_date,
            null::date as until_date
        from core.card t
        where t.card_number = card_on.card_number and t.issue_area_code = card_on.issue_area_code
        union all
        select t.record_key, t.master_id, t.card_status, t.card_valid_to, t.card_issue_date, t.valid_from, t.since_date,
            t.until_date
        from core.card_history t
        where t.card_number = card_on.card_number and t.issue_area_code = card_on.issue_area_code
    )
    select distinct on (s.record_key) s.record_key, s.master_id, s.card_status, s.card_valid_to, s.valid_from, s.since_date
    from said s
    where s.since_date <= known_on
      and (s.card_issue_date is null or s.card_issue_date <= valid_on)
      and (coalesce(s.valid_from, s.since_date) <= valid_on)
      and (s.until_date is null or s.until_date > known_on or (s.until_date > valid_on and s.until_date > s.since_date))
    order by s.record_key, s.since_date desc
$$;
comment on function core.card_on(text, text, date, date) is
    'What was believed on day known_on about a card on day valid_on: whose, in which state; one row a record of it';
