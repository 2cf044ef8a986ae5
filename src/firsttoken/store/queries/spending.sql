-- What the calls of each value cost that spent the most in the currency in which the most calls were paid: a row for each
-- currency, and one for those that have no price. All other groups are together in the place after theirs, where
-- `group_value` is the first of them; the largest `last_place` is how many groups there are.
SELECT
    least(place, $most + 1)                                             AS place,
    arg_min(group_value, place)                                         AS group_value,
    currency,
    sum(calls)                                                          AS calls,
    sum(unpriced_calls)                                                 AS unpriced_calls,
    sum(cost_total)                                                     AS cost_total,
    max(place)                                                          AS last_place
FROM (
    SELECT
        *,
        dense_rank() OVER (ORDER BY coalesce(usual_cost, 0) DESC, group_calls DESC, group_value) AS place
    FROM (
        SELECT
            *,
            sum(CASE WHEN currency = usual_currency THEN cost_total END) OVER (PARTITION BY group_value) AS usual_cost
        FROM (
            SELECT
                *,
                first_value(currency) OVER (
                    ORDER BY currency IS NULL, currency_calls DESC, currency DESC
                )                                                       AS usual_currency
            FROM (
                SELECT
                    group_value,
                    cost_currency                                       AS currency,
                    count(*)                                            AS calls,
                    count(*) FILTER (WHERE price_missing)               AS unpriced_calls,
                    sum(cost_total)                                     AS cost_total,
                    sum(count(*)) OVER (PARTITION BY group_value)      AS group_calls,
                    sum(count(*)) OVER (PARTITION BY cost_currency)     AS currency_calls
                FROM calls
                GROUP BY group_value, cost_currency
            ) AS spent
        ) AS named
    ) AS compared
) AS ranked
GROUP BY least(place, $most + 1), currency
ORDER BY place, currency;
