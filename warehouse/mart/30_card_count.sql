-- Cards by issuing area, state and generation; cells below 10 are suppressed.
drop view if exists mart.card_count;
create view mart.card_count as
select issue_area_code, card_status, card_generation,
    case when count(*) >= 10 then count(*) end as card_count,
    count(*) < 10 as is_suppressed
from core.card
group by issue_area_code, card_status, card_generation;
comment on view mart.card_count is 'Social security cards by issuing area, state and generation; cells below 10 are suppressed';
comment on column mart.card_count.issue_area_code is 'GB/T 2260 code of the issuing area';
comment on column mart.card_count.card_status is 'State of the card';
comment on column mart.card_count.card_generation is 'Generation of the card';
comment on column mart.card_count.card_count is 'Cards; null where fewer than 10';
comment on column mart.card_count.is_suppressed is 'Whether the count is withheld because it is below 10';
