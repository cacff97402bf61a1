-- Working days of the years whose notice of the State Council is known. A year that is not here is not guessed: due
-- dates that reach into it stay empty, and a finding HOLIDAYS_UNKNOWN says so. The next notice comes each November:
-- add its year below with its number, and `python -m warehouse migrate` takes it over.
-- Source: yearly notices of the General Office of the State Council on holidays (published in the Gazette); the days were
-- compared with the packages chinesecalendar 1.11.0 and holidays 0.109, which say the same of every day of these years.
truncate ref.holiday, ref.holiday_year;
insert into ref.holiday_year (year, notice, issued_on) values
    (2024, '国办发明电〔2023〕7号', '2023-10-25'),
    (2025, '国办发明电〔2024〕12号', '2024-11-12'),
    (2026, '国务院办公厅关于2026年部分节假日安排的通知', '2025-11-04');
insert into ref.holiday (day, is_working, name) values
    ('2024-01-01', false, '元旦'),
    ('2024-02-04', true, '春节'), ('2024-02-12', false, '春节'), ('2024-02-13', false, '春节'),
    ('2024-02-14', false, '春节'), ('2024-02-15', false, '春节'), ('2024-02-16', false, '春节'),
    ('2024-02-18', true, '春节'),
    ('2024-04-04', false, '清明节'), ('2024-04-05', false, '清明节'), ('2024-04-07', true, '清明节'),
    ('2024-04-28', true, '劳动节'),
    ('2024-05-01', false, '劳动节'), ('2024-05-02', false, '劳动节'), ('2024-05-03', false, '劳动节'),
    ('2024-05-11', true, '劳动节'),
    ('2024-06-10', false, '端午节'),
    ('2024-09-14', true, '中秋节'), ('2024-09-16', false, '中秋节'), ('2024-09-17', false, '中秋节'),
    ('2024-09-29', true, '国庆节'),
    ('2024-10-01', false, '国庆节'), ('2024-10-02', false, '国庆节'), ('2024-10-03', false, '国庆节'),
    ('2024-10-04', false, '国庆节'), ('2024-10-07', false, '国庆节'), ('2024-10-12', true, '国庆节'),
    ('2025-01-01', false, '元旦'), ('2025-01-26', true, '春节'), ('2025-01-28', false, '春节'),
    ('2025-01-29', false, '春节'), ('2025-01-30', false, '春节'), ('2025-01-31', false, '春节'),
    ('2025-02-03', false, '春节'), ('2025-02-04', false, '春节'), ('2025-02-08', true, '春节'),
    ('2025-04-04', false, '清明节'), ('2025-04-27', true, '劳动节'),
    ('2025-05-01', false, '劳动节'), ('2025-05-02', false, '劳动节'), ('2025-05-05', false, '劳动节'),
    ('2025-06-02', false, '端午节'),
    ('2025-09-28', true, '国庆节、中秋节'),
    ('2025-10-01', false, '国庆节、中秋节'), ('2025-10-02', false, '国庆节、中秋节'), ('2025-10-03', false, '国庆节、中秋节'),
    ('2025-10-06', false, '国庆节、中秋节'), ('2025-10-07', false, '国庆节、中秋节'), ('2025-10-08', false, '国庆节、中秋节'),
    ('2025-10-11', true, '国庆节、中秋节'),
    ('2026-01-01', false, '元旦'), ('2026-01-02', false, '元旦'), ('2026-01-04', true, '元旦'),
    ('2026-02-14', true, '春节'), ('2026-02-16', false, '春节'), ('2026-02-17', false, '春节'),
    ('2026-02-18', false, '春节'), ('2026-02-19', false, '春节'), ('2026-02-20', false, '春节'),
    ('2026-02-23', false, '春节'), ('2026-02-28', true, '春节'),
    ('2026-04-06', false, '清明节'),
    ('2026-05-01', false, '劳动节'), ('2026-05-04', false, '劳动节'), ('2026-05-05', false, '劳动节'),
    ('2026-05-09', true, '劳动节'),
    ('2026-06-19', false, '端午节'),
    ('2026-09-20', true, '国庆节'), ('2026-09-25', false, '中秋节'),
    ('2026-10-01', false, '国庆节'), ('2026-10-02', false, '国庆节'), ('2026-10-05', false, '国庆节'),
    ('2026-10-06', false, '国庆节'), ('2026-10-07', false, '国庆节'), ('2026-10-10', true, '国庆节');
