CREATE MACRO std_address(s) AS std_text(s);
