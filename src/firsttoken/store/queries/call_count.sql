-- How many calls there are.
SELECT count(*) AS calls FROM calls;
