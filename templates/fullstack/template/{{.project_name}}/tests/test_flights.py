import pytest
from backend.flights import FlightQuery, InvalidQuery, Status, conditions, contains_pattern, page_statement


def test_search_text_is_taken_literally():
    assert contains_pattern("50%_\\") == "%50\\%\\_\\\\%"


def test_open_flights_are_those_without_a_decision():
    clause, parameters = conditions(FlightQuery())
    assert clause.as_string() == " WHERE d.decision IS NULL"
    assert parameters == []


def test_filters_add_up_and_their_values_are_parameters():
    clause, parameters = conditions(FlightQuery(search=" Boston ", carrier="UA", status=Status.APPROVED))
    assert "Boston" not in clause.as_string()
    assert parameters == ["%Boston%"] * 5 + ["UA", "approved"]


def test_pages_follow_each_other():
    statement, parameters = page_statement("gold.delayed_flights", FlightQuery(status=Status.ALL, page=3))
    assert '"gold"."delayed_flights"' in statement.as_string()
    assert parameters == [25, 50]


@pytest.mark.parametrize("query", [{"sort": "reason; DROP TABLE x"}, {"page": 0}, {"page": 10_001}])
def test_what_is_not_offered_is_refused(query):
    with pytest.raises(InvalidQuery):
        FlightQuery(**query)
